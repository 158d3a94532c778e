import { describe, expect, it } from 'vitest';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { exclusive, rowsOf, worldOf } from '../testing/small-world.ts';
import { firstBeliefs, type PairBeliefs } from './pair-beliefs.ts';
import { pairInputs } from './pair-model.ts';
import { pairRows } from './pair-rows.ts';
import { Turns } from './turns.ts';
import { PairSweeps } from './pair-sweeps.ts';

const { signal } = new AbortController();

async function swept(
  law: (a: number, b: number) => number,
  { sweeps, factors, rows = 3000 }: { readonly sweeps: number; readonly factors: number; readonly rows?: number },
): Promise<PairBeliefs> {
  const data = { ...worldOf(law), train: new MemoryRows(rowsOf(rows, 1, law)) };
  const inputs = pairInputs(data);
  const noOffsets = ({ rows: count }: LoadedExamples): Float32Array => new Float32Array(count);
  const held = await pairRows(data.train, inputs.tableOf.length, noOffsets, new Turns(signal));
  const from = { bias: 0, wide: new Float32Array(inputs.tableOf.length), wideL2: 10, factors, before: 0.1, seed: 1 };
  const beliefs = firstBeliefs(inputs, (id) => held.starts[id] !== held.starts[id + 1], from);
  const one = new PairSweeps(held, inputs, beliefs);
  for (let sweep = 0; sweep < sweeps; sweep += 1) await one.sweep(signal);
  return beliefs;
}

describe('PairSweeps', () => {
  it('leave one factor where one product tells all, and give it the law', async () => {
    const { factors } = await swept(exclusive, { sweeps: 60, factors: 3, rows: 6000 });
    const speaking = factors.filter(({ silent }) => !silent);
    expect(speaking).toHaveLength(1);
    // The vectors of values 0 and 1 of both fields: their products are 1.5 where both are even or both odd, else −1.5.
    const { mean } = speaking[0]!.ids;
    const [a, b] = [[1, 2].map((id) => mean[id]!), [9, 10].map((id) => mean[id]!)] as const;
    for (const [one, v] of a.entries())
      for (const [other, u] of b.entries()) expect(Math.abs(v * u - exclusive(one, other))).toBeLessThan(0.2);
  });

  it('fall silent where nothing interacts, with a linear part that is the law', async () => {
    const { factors, wide } = await swept((a, b) => a * 0.4 - b * 0.3, { sweeps: 60, factors: 3, rows: 6000 });
    expect(factors.every(({ silent }) => silent)).toBe(true);
    // From value 0 to value 5 of a field: 5 · 0.4 and 5 · −0.3.
    expect(Math.abs(wide.mean[6]! - wide.mean[1]! - 2)).toBeLessThan(0.25);
    expect(Math.abs(wide.mean[14]! - wide.mean[9]! + 1.5)).toBeLessThan(0.25);
  });

  it('know more of an id the more rows have it: about 1 ÷ (rows · p · (1 − p)) beside a wide prior', async () => {
    const { wide, factors } = await swept(() => 0, { sweeps: 30, factors: 1, rows: 6000 });
    expect(factors[0]?.silent).toBe(true);
    // A sixth of 6000 rows with p = ½ beside the prior of about the same variance that is learned, so at most 1 ÷ 250.
    for (const id of [1, 2, 9, 10]) {
      expect(wide.variance[id]).toBeGreaterThan(0);
      expect(wide.variance[id]).toBeLessThan(1 / 250);
    }
  });
});
