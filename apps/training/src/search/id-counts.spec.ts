import { expect, it } from 'vitest';
import { graphOf } from '@adstocrat/transforms';
import { MemoryRows } from '../data/memory-rows.ts';
import { idCountsOf } from './id-counts.ts';

it('counts each id of an epoch, with the share that is forgotten among the unknown ones', async () => {
  const graph = graphOf([
    { op: 'hour', columns: ['at'], slots: 1, size: 3, dims: 0, state: {} },
    // Two slots of one table: missing, two terms, two buckets.
    { op: 'list', columns: ['tags'], slots: 2, size: 5, unknown: { first: 3, count: 2 }, dims: 0, state: {} },
  ]);
  const train = new MemoryRows({
    rows: 40,
    fields: 3,
    denseWidth: 0,
    // Hour 2; the first term (3 + 1) and, in the second slot, padding (3).
    ids: Int32Array.from({ length: 120 }, (_, at) => [2, 4, 3][at % 3]!),
    dense: new Float32Array(),
    labels: new Float32Array(40),
  });
  // Of 40 times the term, 5 % are forgotten: 2, half of them into each bucket. What is missing stays missing.
  expect([...(await idCountsOf(train, graph))]).toEqual([0, 0, 40, 40, 38, 0, 1, 1]);
});
