import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { bound, cellsPerRow, curvature, logit, missed } from '../pairs/row-cells.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { pairRows } from '../pairs/pair-rows.ts';
import { Turns } from '../pairs/turns.ts';
import { crossedRows } from './crossed-rows.ts';
import { type CrossBeliefs, CrossSweeps } from './cross-sweeps.ts';

const turns = new Turns(new AbortController().signal);
const [crosses, each] = [400, 60];

/** Beliefs after so many sweeps over rows with nothing else to say; `said`: the rows' logits. */
async function sweptOver(
  ids: readonly (readonly [number, number])[],
  labels: Float32Array,
  sweeps: number,
): Promise<{ readonly found: readonly CrossBeliefs[]; readonly said: readonly number[] }> {
  const rows = ids.length;
  const examples: LoadedExamples = {
    rows,
    fields: 2,
    denseWidth: 0,
    ids: Int32Array.from({ length: rows * 2 }, (_, at) => ids[at >> 1]![at % 2]!),
    dense: new Float32Array(),
    labels,
  };
  const noOffsets = ({ rows: count }: LoadedExamples): Float32Array => new Float32Array(count);
  const most = ids.reduce((largest, pair) => Math.max(largest, ...pair), 0);
  const held = await pairRows(new MemoryRows(examples), most + 1, noOffsets, turns);
  const one = new CrossSweeps(await crossedRows(examples, examples, [[0, 1]], { known: () => true, turns }), held);
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
  return { found: one.crosses, said };
}

const bits = splitMix32(12);
const uniform = (): number => (bits() + 0.5) / 2 ** 32;
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const clicks = (chance: number): number => (uniform() < chance ? 1 : 0);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** 400 crosses of 60 rows each, whose log-odds have this deviation. */
async function swept(
  deviation: number,
  sweeps: number,
): Promise<Awaited<ReturnType<typeof sweptOver>> & { readonly law: Float64Array }> {
  const law = Float64Array.from({ length: crosses }, () => deviation * normal());
  const rows = Array.from({ length: crosses * each }, (_, row) => row);
  const ids = rows.map((row) => [row % 20, 20 + (Math.floor(row / 20) % 20)] as const);
  const labels = Float32Array.from(rows, (row) => clicks(sigmoid(law[row % crosses]!)));
  return { ...(await sweptOver(ids, labels, sweeps)), law };
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
    const own = variance.subarray(4).reduce((sum, one) => sum + one, 0) / crosses;
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

  it('know what holds for pairs never seen, seen once with a click, and seen once without', async () => {
    // A third of 40,000 pairs is liked, .9 of whose rows have a click, of the others .02.
    const liked = Uint8Array.from({ length: 40_000 }, () => clicks(1 / 3));
    const pairs = Array.from({ length: 40_000 }, () => bits() % 40_000);
    const labels = Float32Array.from(pairs, (pair) => clicks(liked[pair] === 1 ? 0.9 : 0.02));
    const ids = pairs.map((pair) => [pair % 200, 200 + Math.floor(pair / 200)] as const);
    const { mean } = (await sweptOver(ids, labels, 60)).found[0]!;
    // 1/3 · .9 + 2/3 · .02.
    expect(Math.abs(sigmoid(mean[0]!) - 0.3133)).toBeLessThan(0.02);
    // With a click, 1/3 · .9 ÷ .3133 = .957 are liked: .957 · .9 + .043 · .02; without, 1/3 · .1 ÷ .6867 = .0485 are.
    expect(Math.abs(sigmoid(mean[2]!) - 0.862)).toBeLessThan(0.03);
    expect(Math.abs(sigmoid(mean[1]!) - 0.0627)).toBeLessThan(0.015);
    // Of an id that no row has nothing is said.
    expect(mean[3]).toBe(0);
  });

  it('do not take how rare a pair is for how far crosses are apart', async () => {
    // 1000 crosses of three rows that are all alike, and as many rows with a pair of their own, clicked at much less.
    const alike = Array.from({ length: 3000 }, (_, row) => [row % 40, 100 + (Math.floor(row / 40) % 25)] as const);
    const alone = Array.from({ length: 3000 }, (_, row) => [row % 40, 1000 + row] as const);
    const labels = Float32Array.from({ length: 6000 }, (_, row) => clicks(row < 3000 ? 0.5 : 0.047));
    const { found } = await sweptOver([...alike, ...alone], labels, 40);
    // Log-odds of .047 are −3. Were its square taken for one of crosses', their variance would come to .2.
    expect(Math.abs(found[0]!.mean[0]! + 3)).toBeLessThan(0.3);
    expect(found[0]!.before).toBeLessThan(0.02);
  });
});
