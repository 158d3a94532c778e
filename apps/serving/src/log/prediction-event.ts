import { hash } from 'node:crypto';
import type { OutgoingEvent, Topic } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';

/** `prediction.made` with its messages as they lie in the log: they are encoded once. */
export const encodedPredictionMade: Topic<Uint8Array> = {
  name: topics.predictionMade.name,
  message: topics.predictionMade.message,
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
};

/** A record of the log as the event that the bus is told. */
export function predictionEvent(record: Buffer): OutgoingEvent<Uint8Array> {
  const { predictionId, model } = namesOf(record);
  const id = `${topics.predictionMade.name}/${model}/${predictionId}`;
  return {
    // An id has 256 bytes at most. Said again after a crash it is the same event.
    id: Buffer.byteLength(id) <= 256 ? id : hash('sha256', id),
    key: predictionId,
    source: 'serving',
    timeMs: record.readDoubleLE(0),
    event: record.subarray(8),
  };
}

/** The first two fields of the message, as record-encoder.ts writes them. */
export function namesOf(record: Buffer): { readonly predictionId: string; readonly model: string } {
  const [predictionId, end] = textAt(record, 9);
  const [model] = textAt(record, end + 1);
  return { predictionId, model };
}

/** A length-prefixed text, and where it ends. */
function textAt(record: Buffer, at: number): readonly [text: string, end: number] {
  let [length, shift, byte] = [0, 1, 0];
  do {
    byte = record[at++] ?? 0;
    length += (byte & 0x7f) * shift;
    shift *= 0x80;
  } while (byte >= 0x80);
  return [record.toString('utf8', at, at + length), at + length];
}
