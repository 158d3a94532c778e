import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { graphOf } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { turnsOf } from '../testing/turns-of.ts';
import { loneAucs } from './lone-aucs.ts';

const graph = graphOf([
  { op: 'vocabulary', columns: ['site'], slots: 1, size: 4, dims: 0, state: {} },
  { op: 'vocabulary', columns: ['outcome'], slots: 1, size: 3, dims: 0, state: {} },
  { op: 'z-score', columns: ['delay'], slots: 0, size: 0, dims: 1, state: {} },
]);

/** `site` says nothing, `outcome` is the label, `delay` is lower for clicks, with a third of them misplaced. */
function rowsOf(rows: number, seed: number): LoadedExamples {
  const bits = splitMix32(seed);
  const next = (): number => bits() / 2 ** 32;
  const labels = Float32Array.from({ length: rows }, () => (next() < 0.2 ? 1 : 0));
  return {
    rows,
    fields: 2,
    denseWidth: 1,
    labels,
    ids: Int32Array.from([...labels].flatMap((label) => [Math.floor(next() * 4), 4 + 1 + label])),
    dense: Float32Array.from(labels, (label) => (label === 1 && next() > 1 / 3 ? next() - 1 : next())),
  };
}

describe('loneAucs', () => {
  it('says how well each column ranks alone, whichever way it points', async () => {
    const found = await loneAucs(graph, new MemoryRows(rowsOf(4000, 1)), rowsOf(2000, 2));
    expect(found.get('outcome')).toBe(1);
    // Two thirds of the clicks lie below all others, the rest is as likely above as below: 2/3 + 1/3 · 1/2.
    expect(found.get('delay')).toBeCloseTo(5 / 6, 1);
    expect(found.get('site')).toBeLessThan(0.56);
  });

  it('says nothing where the validation rows hold one label', async () => {
    const validation = rowsOf(100, 3);
    const found = await loneAucs(graph, new MemoryRows(rowsOf(400, 1)), {
      ...validation,
      labels: new Float32Array(100),
    });
    expect(found.size).toBe(0);
  });

  it('lets the event loop turn between columns', async () => {
    const turns = await turnsOf(() => loneAucs(graph, new MemoryRows(rowsOf(400, 1)), rowsOf(200, 2)));
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});
