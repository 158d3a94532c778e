import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ColumnarBatch } from '@adstocrat/examples';
import { writeTestServable } from '../testing.ts';
import { openServable } from './open-servable.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'servable-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const rowsOf = (prices: readonly number[]): ColumnarBatch => ({
  rows: prices.length,
  columns: new Map([['price', { type: 'float', values: Float64Array.from(prices) }]]),
});
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe('openServable', () => {
  it('scores as the weights say', async () => {
    const { digest } = await writeTestServable(folder, { version: 3, bias: -2, slope: 0.5 });
    const servable = await openServable(folder, { digest });
    const scores = await servable.score(rowsOf([10, 14, NaN]));
    // A missing price counts as the mean, 10.
    expect(scores[0]).toBeCloseTo(sigmoid(-2), 6);
    expect(scores[1]).toBeCloseTo(sigmoid(-1), 6);
    expect(scores[2]).toBe(scores[0]);
    await servable.close();
  });

  it('gives a row the same bits whatever rows stand beside it', async () => {
    await writeTestServable(folder, { version: 1, bias: -1.3, slope: 0.37 });
    const servable = await openServable(folder);
    const prices = Array.from({ length: 300 }, (_, row) => 4 + row * 0.037);
    const together = await servable.score(rowsOf(prices));
    for (const row of [0, 1, 127, 128, 200, 299]) {
      const alone = await servable.score(rowsOf([prices[row] ?? NaN]));
      expect(alone[0]).toBe(together[row]);
    }
    await servable.close();
  });

  it('gives calls of one turn the bits that each gets alone', async () => {
    await writeTestServable(folder, { version: 1, bias: -1.3, slope: 0.37 });
    const servable = await openServable(folder);
    await servable.validate();
    const asked = [[10, 11.3], [4.7], [9.1, 12.9, 7.7]];
    const together = await Promise.all(asked.map((prices) => servable.score(rowsOf(prices))));
    for (const [at, prices] of asked.entries())
      for (const [row, price] of prices.entries())
        expect(together[at]?.[row]).toBe((await servable.score(rowsOf([price])))[0]);
    await servable.close();
  });

  it('answers its own warm-up requests', async () => {
    await writeTestServable(folder, { version: 1, bias: 0.5, slope: 1 });
    const servable = await openServable(folder);
    const answer = await servable.validate();
    expect(answer.warmUpRows).toBe(3);
    expect(answer.largestDifference).toBeLessThan(1e-6);
    expect(answer.rowMs).toBeGreaterThan(0);
    await servable.close();
  });

  it.each(['model.onnx', 'transform.json', 'warm-up.json', 'servable.json'])('refuses a changed %s', async (name) => {
    await writeTestServable(folder, { version: 1, bias: 0 });
    appendFileSync(join(folder, name), ' ');
    if (name === 'servable.json') {
      // White space is no change of a manifest; another digest is.
      await expect(openServable(folder, { digest: 'f'.repeat(64) })).rejects.toThrow(/not the manifest/);
    } else await expect(openServable(folder)).rejects.toThrow(new RegExp(`${name} differs from the manifest`));
  });

  it('refuses a folder without a file', async () => {
    await writeTestServable(folder, { version: 1, bias: 0 });
    rmSync(join(folder, 'model.onnx'));
    await expect(openServable(folder)).rejects.toThrow(/model\.onnx cannot be read/);
  });
});
