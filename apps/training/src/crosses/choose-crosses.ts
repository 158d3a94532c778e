import type { LoadedExamples } from '../data/load-examples.ts';
import type { Turns } from '../pairs/turns.ts';
import { PairNumbers, type Places } from './pair-numbers.ts';

/** Features whose pairs are looked at, at most, rows that are counted for it in all, and for two features at least. */
const [mostFeatures, mostCounted, fewestCounted] = [64, 60_000_000, 20_000] as const;
/** Deviations from what chance gives that misses must be apart: of two thousand pairs of features it brings one in 15 runs. */
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
 * test of a variance between pairs: with S the sum of a pair's misses and H its variance by chance, Σ S² is Σ H but for
 * chance. Where all is too much, it is held on a part of the pairs of ids, with all their rows. Source: X. Lin, "Variance component testing in generalised linear models with random effects", 1997.
 * `ids`: by place, how many ids there are.
 */
export async function chooseCrosses(
  misses: Misses,
  ids: ReadonlyMap<number, number>,
  turns: Turns,
): Promise<readonly Places[]> {
  const { examples } = misses;
  const { rows } = examples;
  const places = [...ids]
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostFeatures)
    .map(([place]) => place)
    .sort((one, other) => one - other);
  const pairs = places.flatMap((one, at) => places.slice(at + 1).map((other): Places => [one, other]));
  const share = Math.min(1, Math.max(mostCounted / Math.max(1, pairs.length), fewestCounted) / Math.max(1, rows));
  const numbers = new PairNumbers(rows);
  const room = {
    of: new Int32Array(rows),
    missed: new Float64Array(rows),
    variance: new Float64Array(rows),
    fourth: new Float64Array(rows),
    rows: new Int32Array(rows),
  };
  const scored: { readonly pair: Places; readonly deviations: number }[] = [];
  for (const pair of pairs) {
    numbers.number(examples, pair, room.of, share);
    scored.push({ pair, deviations: deviationsOf(misses, numbers.count, room) });
    if (turns.areDue(rows)) await turns.take();
  }
  return scored
    .filter(({ deviations }) => deviations >= leastDeviations)
    .sort((one, other) => other.deviations - one.deviations)
    .slice(0, mostChosen)
    .map(({ pair }) => pair);
}

/** By row what pair it has, then sums by pair. */
interface Room {
  readonly of: Int32Array;
  readonly missed: Float64Array;
  readonly variance: Float64Array;
  readonly fourth: Float64Array;
  readonly rows: Int32Array;
}

/**
 * How far Σ S² over pairs that several rows have is from chance, in deviations. By chance it is Σ H, with the variance Σ 2 H² + S' fourth cumulant, and about a χ² of as many degrees as
 * have both, whose cube root is nearly normal. Source: E. Wilson and M. Hilferty, "The distribution of chi-square", 1931.
 */
function deviationsOf({ examples, chances }: Misses, pairs: number, room: Room): number {
  const { of, missed, variance, fourth, rows } = room;
  const { labels, weights } = examples;
  for (const sums of [missed, variance, fourth, rows]) sums.fill(0, 0, pairs);
  for (let row = 0; row < of.length; row += 1) {
    const pair = of[row]!;
    if (pair < 0) continue;
    const chance = chances[row]!;
    const count = weights === undefined ? 1 : weights[row]!;
    const spread = count * count * chance * (1 - chance);
    missed[pair]! += count * (labels[row]! - chance);
    variance[pair]! += spread;
    fourth[pair]! += count * count * spread * (1 - 6 * chance * (1 - chance));
    rows[pair]! += 1;
  }
  let [sum, mean, square] = [0, 0, 0];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (rows[pair]! < 2) continue;
    sum += missed[pair]! ** 2;
    mean += variance[pair]!;
    square += 2 * variance[pair]! ** 2 + fourth[pair]!;
  }
  if (!(square > 0)) return 0;
  const part = square / (9 * mean * mean);
  return (Math.cbrt(sum / mean) - (1 - part)) / Math.sqrt(part);
}
