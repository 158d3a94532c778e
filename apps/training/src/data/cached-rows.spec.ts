import { copyFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graphOf } from '@adstocrat/transforms';
import { cacheRows } from './cache-rows.ts';
import { CachedRows } from './cached-rows.ts';
import type { LoadedExamples } from './load-examples.ts';

/** 36 whole blocks and a bit: two windows, the later one short. */
const rows = 8192 * 36 + 1000;
/** Ids of one, two and four bytes, and two numbers. */
const sizes = [200, 60_000, 100_000] as const;
const graph = graphOf([
  ...sizes.map((size) => ({ op: 'hash', columns: [String(size)], slots: 1, size, dims: 0, state: {} })),
  { op: 'identity', columns: ['x'], slots: 0, size: 0, dims: 2, state: {} },
]);
const offsets = graph.fields.map(({ offset }) => offset);

/** Rows that say which they are: by their first number, and by their ids, images and labels as functions of it. */
function examplesOf(first: number, count: number): LoadedExamples {
  const number = (at: number): number => first + at;
  return {
    rows: count,
    fields: 3,
    denseWidth: 2,
    ids: Int32Array.from({ length: count * 3 }, (_, at) => idOf(number(Math.floor(at / 3)), at % 3)),
    dense: Float32Array.from({ length: count * 2 }, (_, at) => (at % 2 === 0 ? number(at / 2) : 0.1)),
    labels: Float32Array.from({ length: count }, (_, at) => number(at) % 2),
    images: Int32Array.from({ length: count }, (_, at) => (number(at) % 3) - 1),
    // Their mean is 1, whatever is cut off the end: each pair comes to 2.
    weights: Float32Array.from({ length: count }, (_, at) => (number(at) % 2 === 0 ? 0.5 : 1.5)),
  };
}
const extras = { images: true, weights: true };
const idOf = (row: number, field: number): number => offsets[field]! + (row % sizes[field]!);

/** In batches that have nothing to do with blocks. */
async function* batches(): AsyncGenerator<LoadedExamples> {
  for (let first = 0; first < rows; first += 10_007) yield examplesOf(first, Math.min(10_007, rows - first));
}

describe('CachedRows', () => {
  let folder: string;
  let cached: CachedRows;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'adstocrat-rows-'));
    cached = await cacheRows(join(folder, 'rows'), graph, { rows }, extras, batches());
  });
  afterAll(async () => {
    await cached.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The numbers of an epoch's rows, batch by batch. */
  async function epoch(of: CachedRows, seed: number, batchSize: number, skip = 0): Promise<number[][]> {
    const numbers: number[][] = [];
    for await (const { batch } of of.epoch({ seed, batchSize, skip }))
      numbers.push(Array.from({ length: batch.rows }, (_, row) => batch.dense[row * 2]!));
    return numbers;
  }

  it('gives all rows in their order, as they were', async () => {
    expect(cached).toMatchObject({ rows, positives: rows / 2, fields: 3, denseWidth: 2 });
    let first = 0;
    for await (const part of cached.parts()) {
      expect(part).toEqual(examplesOf(first, part.rows));
      first += part.rows;
    }
    expect(first).toBe(rows);
  });

  it('gives each row once an epoch, whole, in batches over the windows’ edges', async () => {
    const batchSize = 3000;
    const seen = new Uint8Array(rows);
    let count = 0;
    for await (const { batch, labels, weights } of cached.epoch({ seed: 5, batchSize, skip: 0 })) {
      expect(batch.rows).toBe(batchSize);
      count += 1;
      for (let row = 0; row < batchSize; row += 1) {
        const number = batch.dense[row * 2]!;
        seen[number]! += 1;
        const cells = [...batch.ids.subarray(row * 3, row * 3 + 3), batch.images?.[row], labels[row], weights?.[row]];
        if (row % 100 === 0)
          expect(cells).toEqual([
            ...[0, 1, 2].map((field) => idOf(number, field)),
            (number % 3) - 1,
            number % 2,
            0.5 + (number % 2),
          ]);
      }
    }
    expect(count).toBe(Math.floor(rows / batchSize));
    expect(seen.reduce((sum, times) => sum + times, 0)).toBe(count * batchSize);
    expect(Math.max(...new Set(seen))).toBe(1);
  });

  it('mixes rows from all over the file', async () => {
    const [batch] = await epoch(cached, 5, 4096);
    // 32 of 37 blocks: each holds about 110 of the 4096 rows.
    const blocks = new Set(batch!.map((number) => Math.floor(number / 8192)));
    expect(blocks.size).toBe(32);
  });

  it('gives the same order for the same seed, from any batch on, and another for another', async () => {
    const whole = await epoch(cached, 5, 4096);
    // In the first window, at its edge (64 batches) and in the second.
    for (const skip of [1, 63, 64, 70]) expect(await epoch(cached, 5, 4096, skip)).toEqual(whole.slice(skip));
    expect((await epoch(cached, 6, 4096))[0]).not.toEqual(whole[0]);
  });

  it('samples whole blocks from all over the file', async () => {
    const sample = cached.sample(rows / 4);
    const numbers: number[] = [];
    for await (const part of sample.parts())
      for (let row = 0; row < part.rows; row += 1) numbers.push(part.dense[row * 2]!);
    // Every fourth: blocks 0, 4, 8 … 36.
    expect(numbers.length).toBe(sample.rows);
    expect(new Set(numbers.map((number) => Math.floor(number / 8192)))).toEqual(
      new Set([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]),
    );
    expect(sample.positives / sample.rows).toBe(0.5);
    expect(cached.sample(rows).rows).toBe(rows);
  });

  it('refuses a file of another length', async () => {
    const short = join(folder, 'short');
    copyFileSync(join(folder, 'rows'), short);
    truncateSync(short, 1000);
    const opened = CachedRows.open({
      path: short,
      graph,
      extras,
      rows,
      positives: 0,
      negativeShare: 1,
      weightScale: 1,
    });
    await expect(opened).rejects.toThrow(/has 1000 bytes/);
  });

  it('says how much room is missing before it writes', async () => {
    const far = cacheRows(join(folder, 'more'), graph, { rows: 1e13 }, extras, batches());
    await expect(far).rejects.toThrow(
      /10000000000000 transformed rows take .* GiB in .*: free space there, or set WORK_DIR/,
    );
  });
});
