import { describe, expect, it } from 'vitest';
import { crc32c } from './crc-32c.ts';
import { eventFile } from './event-file.ts';
import { runEvents } from './run-events.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  it.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, byte) => byte), 0x46dd794e],
    [new TextEncoder().encode('123456789'), 0xe3069283],
  ])('is that of the standard', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});

describe('eventFile', () => {
  it('is what TensorFlow writes', () => {
    // Of tensorflow.io.TFRecordWriter over tensorflow.Event(…).SerializeToString(), see tools/peers for TensorBoard's own reader.
    const [first, second] = split(eventFile([{ step: 3, wallTime: 1.5, scalars: { loss: 0.5, nothing: NaN } }]));
    expect(hex(first!.data)).toBe(`09000000000000f83f1a0d${hex(new TextEncoder().encode('brain.Event:2'))}`);
    // wall_time 1.5 · step 3 · summary of 13 bytes: one value of 11: tag "loss", simple_value 0.5.
    expect(hex(second!.data)).toBe('09000000000000f83f10032a0d0a0b0a046c6f7373150000003f');
    for (const { length, data } of [first!, second!]) expect(length).toBe(data.length);
  });
});

describe('runEvents', () => {
  it('has a run for each trial that was looked at', () => {
    const summary = { epochs: 1, bestEpoch: 1, validationLoss: 0.3, validationAuc: 0.7, chosen: true, wentBack: [] };
    const files = runEvents([
      { ...summary, name: 'linear, prior 3', curve: [] },
      { ...summary, name: '../pairs, "held back"', curve: [{ epoch: 0.5, loss: 0.3, auc: 0.7 }] },
    ]);
    expect(Object.keys(files)).toEqual(['tensorboard/1--pairs-held-back-/events.out.tfevents.0.adstocrat']);
  });
});

/** The records of a file. */
function split(file: Uint8Array): readonly { readonly length: number; readonly data: Uint8Array }[] {
  const view = new DataView(file.buffer);
  const records = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    records.push({ length, data: file.subarray(at + 12, at + 12 + length) });
    at += 16 + length;
  }
  return records;
}
