import type { LoadedExamples } from '../data/load-examples.ts';
import type { Turns } from '../pairs/turns.ts';
import { type IdRows, PairNumbers, type Places } from './pair-numbers.ts';

/** Features whose pairs are looked at, at most, and ids that are read for it. */
const [mostFeatures, mostRead] = [64, 60_000_000] as const;
const fewestRows = 20_000;
/** Deviations from what chance gives that pairs' misses must be apart: of two thousand pairs of features none is by chance. */
const leastDeviations = 4;
/** Pairs of features that are remembered, at most. */
const mostChosen = 24;

/** What is missed of rows: label less chance of a click, and that chance. */
export interface Misses {
  readonly examples: LoadedExamples;
  /** By row. */
  readonly chances: Float32Array;
}

/**
 * The pairs of features, those first of which it is clearest, whose pairs of ids tell something beyond what is said of rows: the misses of rows that share a pair go together. The test is the score
 * test of a variance between pairs: with S the sum of a pair's misses and H its variance by chance, Σ (S² − H) is 0 but for
 * chance. Source: X. Lin, "Variance component testing in generalised linear models with random effects", 1997.
 * `ids`: by place, how many ids there are.
 */
export async function chooseCrosses(
  { examples, chances }: Misses,
  ids: ReadonlyMap<number, number>,
  turns: Turns,
): Promise<readonly Places[]> {
  const places = [...ids]
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostFeatures)
    .map(([place]) => place)
    .sort((one, other) => one - other);
  const pairs = places.flatMap((one, at) => places.slice(at + 1).map((other): Places => [one, other]));
  const limit = Math.max(fewestRows, Math.floor(mostRead / Math.max(1, pairs.length)));
  // From the first row to the last, so that rows of all times are among them.
  const step = Math.max(1, Math.ceil(examples.rows / limit));
  const some = everyRow(examples, step);
  const numbers = new PairNumbers(some.rows);
  const room = {
    of: new Int32Array(some.rows),
    missed: new Float64Array(some.rows),
    variance: new Float64Array(some.rows),
    fourth: new Float64Array(some.rows),
    rows: new Int32Array(some.rows),
  };
  const scored: { readonly pair: Places; readonly deviations: number }[] = [];
  for (const pair of pairs) {
    numbers.number(some, pair, room.of);
    scored.push({ pair, deviations: deviationsOf({ examples, chances }, step, numbers.count, room) });
    if (turns.areDue(4 * some.rows)) await turns.take();
  }
  return scored
    .filter(({ deviations }) => deviations >= leastDeviations)
    .sort((one, other) => other.deviations - one.deviations)
    .slice(0, mostChosen)
    .map(({ pair }) => pair);
}

function everyRow({ rows, fields, ids }: IdRows, step: number): IdRows {
  if (step === 1) return { rows, fields, ids };
  const count = Math.ceil(rows / step);
  const some = new Int32Array(count * fields);
  for (let row = 0; row < count; row += 1)
    some.set(ids.subarray(row * step * fields, (row * step + 1) * fields), row * fields);
  return { rows: count, fields, ids: some };
}

/** By row what pair it has, then sums by pair. */
interface Room {
  readonly of: Int32Array;
  readonly missed: Float64Array;
  readonly variance: Float64Array;
  readonly fourth: Float64Array;
  readonly rows: Int32Array;
}

/** Σ (S² − H) over pairs that two rows have, in deviations; 0 where there are none. The variance of S² is 2 H² and S' fourth cumulant. */
function deviationsOf({ examples, chances }: Misses, step: number, pairs: number, room: Room): number {
  const { of, missed, variance, fourth, rows } = room;
  for (const sums of [missed, variance, fourth, rows]) sums.fill(0, 0, pairs);
  for (let at = 0; at < of.length; at += 1) {
    const pair = of[at]!;
    const row = at * step;
    const chance = chances[row]!;
    const count = examples.weights === undefined ? 1 : examples.weights[row]!;
    const spread = count * count * chance * (1 - chance);
    missed[pair]! += count * (examples.labels[row]! - chance);
    variance[pair]! += spread;
    fourth[pair]! += count * count * spread * (1 - 6 * chance * (1 - chance));
    rows[pair]! += 1;
  }
  let [sum, square] = [0, 0];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (rows[pair]! < 2) continue;
    sum += missed[pair]! ** 2 - variance[pair]!;
    square += 2 * variance[pair]! ** 2 + fourth[pair]!;
  }
  return square > 0 ? sum / Math.sqrt(square) : 0;
}
