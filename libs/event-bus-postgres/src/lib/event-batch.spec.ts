import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch, encodeBatch, openBatch } from './event-batch.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const event = fc.record({
  id: text,
  key: text,
  headers: fc.dictionary(fc.constantFrom('ce_id', 'ce_partitionkey', 'ce_time', 'traceparent', 'a'), text, {
    noNullPrototype: true,
  }),
  data: fc.uint8Array({ maxLength: 400 }),
});

describe('a batch of events', () => {
  it('is read as it was written, whatever headers its events share or lack', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
        const read = decodeBatch(openBatch(encodeBatch(events))).map(({ data, ...rest }) => ({
          ...rest,
          data: new Uint8Array(data),
        }));
        expect(read).toEqual(events);
      }),
    );
  });

  it('keeps what events share once', () => {
    const shared = {
      ce_source: 'serving',
      ce_type: 'prediction.made',
      ce_dataschema: 'adstocrat.events.v1.PredictionMade',
    };
    const one = (index: number): Parameters<typeof encodeBatch>[0][number] => ({
      id: `id-${index}`,
      key: `key-${index}`,
      headers: { ...shared, ce_id: `id-${index}`, ce_partitionkey: `key-${index}` },
      data: Uint8Array.of(index),
    });
    // Ten events: the shared headers are there once, else each has 4 lengths, its id, key, an empty object and a byte.
    const sharedBytes = 4 + JSON.stringify(shared).length;
    expect(encodeBatch(Array.from({ length: 10 }, (_, index) => one(index))).length).toBe(
      1 + sharedBytes + 10 * (16 + 'id-0'.length + 'key-0'.length + '{}'.length + 1),
    );
  });
});
