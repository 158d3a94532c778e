import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { OutgoingEvent, Topic } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import { eventId } from '../event-id.ts';

/** A prediction with its final label. Times: server time, Unix milliseconds. */
export interface LabelledPrediction {
  /** The whole PredictionMade, as it came. */
  readonly bytes: Uint8Array;
  readonly label: boolean;
  readonly labelledAtMs: number;
  readonly openedAtMs: number;
}

/** `example.labelled`, written around the prediction's own bytes. */
export const labelledExamples: Topic<LabelledPrediction> = {
  name: topics.exampleLabelled.name,
  message: topics.exampleLabelled.message,
  encode: ({ bytes, label, labelledAtMs, openedAtMs }) => {
    const writer = new BinaryWriter().uint32(tag.prediction).bytes(bytes);
    if (label) writer.uint32(tag.label).bool(true);
    writer.uint32(tag.labelledAtMs).int64(labelledAtMs);
    return writer.uint32(tag.openedAtMs).int64(openedAtMs).finish();
  },
  decode: () => {
    throw new Error('feedback does not read example.labelled');
  },
};

/** Field number and wire type of ExampleLabelled's fields: (number << 3) | type. */
const tag = { prediction: 0x0a, label: 0x10, labelledAtMs: 0x18, openedAtMs: 0x20 } as const;

/** The event of a label. Said again it has the same id, so it is one event. */
export function labelledEvent(
  model: string,
  predictionId: string,
  event: LabelledPrediction,
): OutgoingEvent<LabelledPrediction> {
  return {
    id: eventId(`${topics.exampleLabelled.name}/${model}/${predictionId}`),
    key: predictionId,
    source: 'feedback',
    event,
  };
}
