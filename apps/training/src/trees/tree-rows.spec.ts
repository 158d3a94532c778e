import { describe, expect, it } from 'vitest';
import { MemoryRows } from '../data/memory-rows.ts';
import { Turns } from '../pairs/turns.ts';
import { turnsOf } from '../testing/turns-of.ts';
import { binExamples, binTraining, type TreeReader } from './tree-rows.ts';

/** Wide rows: a bit more than a million numbers, after which others are due. */
const [rows, width] = [11_000, 100] as const;
const reader: TreeReader = {
  width,
  apartOf: () => 0,
  read: (_examples, row, out) => {
    for (let at = 0; at < width; at += 1) out[at] = (row * (at + 1)) % 251;
  },
};
const examples = {
  rows,
  fields: 0,
  denseWidth: 0,
  ids: new Int32Array(),
  dense: new Float32Array(),
  labels: Float32Array.from({ length: rows }, (_, row) => row % 2),
};

describe('rows in bins', () => {
  it('let the event loop turn within a part of many numbers', async () => {
    const turns = new Turns(new AbortController().signal);
    const logits = new Float32Array(rows);
    let edges: readonly Float32Array[] = [];
    const bin = async (): Promise<void> => {
      ({ edges } = await binTraining(new MemoryRows(examples), { reader, logitsOf: () => logits, limit: rows, turns }));
    };
    // Read, sorted, put into bins, and twice at the end of the only part; for rows to look at put into bins once more.
    expect(await turnsOf(bin)).toBeGreaterThanOrEqual(5);
    expect(await turnsOf(() => binExamples(examples, { reader, edges, logits, turns }))).toBeGreaterThanOrEqual(1);
  });
});
