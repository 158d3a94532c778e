import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { bound, cellsPerRow, curvature, logit, missed } from '../pairs/row-cells.ts';
import { Turns } from '../pairs/turns.ts';
import { crossedRows } from './crossed-rows.ts';
import { type CrossBeliefs, CrossSweeps } from './cross-sweeps.ts';

const turns = new Turns(new AbortController().signal);
const [crosses, each] = [400, 60];

/** 400 crosses of 60 rows each, whose log-odds have this deviation, after so many sweeps; `said`: the rows' logits. */
async function swept(
  deviation: number,
  sweeps: number,
): Promise<{ readonly found: readonly CrossBeliefs[]; readonly said: readonly number[]; readonly law: Float64Array }> {
  const bits = splitMix32(12);
  const uniform = (): number => (bits() + 0.5) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const law = Float64Array.from({ length: crosses }, () => deviation * normal());
  const rows = crosses * each;
  const pair = (row: number): readonly [number, number] => [row % 20, 20 + (Math.floor(row / 20) % 20)];
  const ids = Int32Array.from({ length: rows * 2 }, (_, at) => pair(at >> 1)[at % 2]!);
  const labels = Array.from({ length: rows }, (_, row) =>
    uniform() < 1 / (1 + Math.exp(-law[row % crosses]!)) ? 1 : 0,
  );
  const train = { rows, fields: 2, ids };
  const one = new CrossSweeps(await crossedRows(train, train, [[0, 1]], turns));
  const cells = new Float64Array(rows * cellsPerRow);
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (let row = 0; row < rows; row += 1) {
      const cell = row * cellsPerRow;
      const p = 1 / (1 + Math.exp(-cells[cell + logit]!));
      cells[cell + missed] = labels[row]! - p;
      cells[cell + curvature] = p * (1 - p);
      cells[cell + bound] = 0.25;
    }
    await one.move(cells, turns);
    one.learn(cells);
  }
  const said = Array.from({ length: rows }, (_, row) => cells[row * cellsPerRow + logit]!);
  return { found: one.crosses, said, law };
}

describe('CrossSweeps', () => {
  it('learn how far weights are spread, and the weights', async () => {
    const { found, said, law } = await swept(1, 40);
    const { before, variance } = found[0]!;
    // The squares of 400 drawn weights have a mean of 1 ± .07.
    const spread = law.reduce((sum, one) => sum + one ** 2, 0) / crosses;
    expect(Math.abs(before - spread)).toBeLessThan(0.2);
    // 60 rows with p (1 − p) of about .2 tell a weight to a variance of 1 ÷ 12 or so beside the prior.
    let square = 0;
    for (let cross = 0; cross < crosses; cross += 1) square += (said[cross]! - law[cross]!) ** 2 / crosses;
    const own = variance.subarray(1).reduce((sum, one) => sum + one, 0) / crosses;
    expect(own).toBeGreaterThan(0.06);
    expect(own).toBeLessThan(0.13);
    expect(square / own).toBeGreaterThan(0.75);
    expect(square / own).toBeLessThan(1.3);
  });

  it('fall silent where all crosses are alike, and leave nothing in what is said of rows', async () => {
    const { found, said } = await swept(0, 12);
    expect(found).toEqual([]);
    for (const logit of said) expect(Math.abs(logit)).toBeLessThan(1e-12);
  });
});
