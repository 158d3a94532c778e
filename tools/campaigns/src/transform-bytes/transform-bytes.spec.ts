import { beforeAll, describe, expect, it } from 'vitest';
import { timeCells, valueVectors } from '@adstocrat/examples/testing';
import { inBothEngines } from './transform-bytes.ts';

const rows = 10_000;

describe('the transform in Chromium', () => {
  let result: Awaited<ReturnType<typeof inBothEngines>>;
  beforeAll(async () => {
    result = await inBothEngines(rows);
  });

  it('runs in a real one', () => {
    expect(result.version).toMatch(/Chrom(e|ium)\/\d+/);
  });

  it('is fitted to the same graph', () => {
    expect(result.chromium.graph).toBe(result.node.graph);
  });

  it('gives the bytes of trainer and server, by SHA-256 over 10,000 rows and every operation', () => {
    const { node, chromium } = result;
    expect(chromium.batches).toMatch(/^[0-9a-f]{64}$/);
    expect([chromium.batches, chromium.singles, node.singles]).toEqual(Array(3).fill(node.batches));
    expect(chromium.pixels).toBe(node.pixels);
  });

  it('reads raw cells as the tables of value vectors and times have them', () => {
    const { read, wrong } = result.chromium.tables;
    expect(wrong).toEqual([]);
    expect(read).toBe(3 * valueVectors.length + timeCells.length);
  });
});
