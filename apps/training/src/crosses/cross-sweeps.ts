import type { PairRows } from '../pairs/pair-rows.ts';
import { moveWeight } from '../pairs/move-weight.ts';
import { addTo, cellsPerRow, logit } from '../pairs/row-cells.ts';
import type { Beliefs } from '../pairs/pair-beliefs.ts';
import type { Turns } from '../pairs/turns.ts';
import { type CrossedRows, firstCross, never, once, unknown } from './crossed-rows.ts';

/** Variance of crosses' weights before rows are seen, to begin with; and of what holds for pairs never seen. */
const [firstBefore, neverBefore] = [0.05, 9] as const;
/** A guess of the first that counts as so many crosses, and that below which they say nothing. */
const [guess, guessWeight, silence] = [0.001, 20, 0.002] as const;
/** What holds for pairs never seen says nothing below it. */
const quiet = 0.05;
/** Variances before rows are seen move by this factor a sweep, at most. */
const mostOfSweep = 4;
/** Sweeps after which variances before rows are seen begin to be learned, and after which crosses may fall silent. */
const [learnsAfter, silentAfter] = [2, 8] as const;

/** What is believed of the crosses of two features: a weight of each, and of what a pair may be instead. */
export interface CrossBeliefs extends Beliefs {
  readonly crossed: CrossedRows;
  /** Variance of crosses' weights before rows are seen. */
  before: number;
}

/**
 * Beliefs about weights of crosses, moved beside those of ids and of pairs' vectors: one weight a cross, under a prior whose variance is learned for each two features. Crosses of features that tell nothing beyond
 * the rest fall silent. Source of the learning: D. MacKay, "Bayesian Interpolation", 1992, whose step comes to 0 quickly where most weights are known by their prior alone.
 */
export class CrossSweeps {
  readonly #rows: PairRows;
  #crosses: readonly CrossBeliefs[];
  #sweeps = 0;

  constructor(crossed: readonly CrossedRows[], rows: PairRows) {
    this.#rows = rows;
    this.#crosses = crossed.map((one) => {
      const [mean, variance] = [new Float64Array(one.firsts.length), new Float64Array(one.firsts.length)];
      return { crossed: one, mean, variance, before: firstBefore };
    });
  }

  /** Those that say something. */
  get crosses(): readonly CrossBeliefs[] {
    return this.#crosses;
  }

  /** Moves each weight once; `cells`: see `row-cells.ts`. */
  async move(cells: Float64Array, turns: Turns): Promise<void> {
    this.#sweeps += 1;
    for (const one of this.#crosses) {
      moveWeights(one, cells);
      if (turns.areDue(one.crossed.rowsOf.length)) await turns.take();
    }
  }

  /** Adds the variance of what is said of each row. */
  async addVariances(variances: Float64Array, turns: Turns): Promise<void> {
    for (const { crossed, variance } of this.#crosses) {
      const { starts, rowsOf } = crossed;
      for (let cross = 0; cross < variance.length; cross += 1)
        for (let at = starts[cross]!; at < starts[cross + 1]!; at += 1) variances[rowsOf[at]!]! += variance[cross]!;
      if (turns.areDue(rowsOf.length)) await turns.take();
    }
  }

  /** Learns the variances before rows are seen, and what pairs seen once say; what falls silent is taken from the rows' logits. */
  learn(cells: Float64Array): void {
    for (const one of this.#crosses) learnOnce(one, cells, this.#rows);
    if (this.#sweeps <= learnsAfter) return;
    for (const one of this.#crosses) learnBefore(one);
    if (this.#sweeps <= silentAfter) return;
    const silent = this.#crosses.filter(({ before, mean }) => before < silence && Math.abs(mean[never]!) < quiet);
    for (const { crossed, mean } of silent) {
      const { starts, rowsOf } = crossed;
      for (let cross = 0; cross < mean.length; cross += 1)
        for (let at = starts[cross]!; at < starts[cross + 1]!; at += 1) addTo(cells, rowsOf[at]!, -mean[cross]!);
    }
    if (silent.length > 0) this.#crosses = this.#crosses.filter((one) => !silent.includes(one));
  }

  /** Adds what is said of the rows to look at. */
  sayShown(logits: Float32Array): void {
    for (const { crossed, mean } of this.#crosses)
      for (let row = 0; row < logits.length; row += 1) logits[row]! += mean[crossed.shown[row]!]!;
  }
}

function moveWeights(one: CrossBeliefs, cells: Float64Array): void {
  const { starts, rowsOf } = one.crossed;
  for (let cross = 0; cross < one.mean.length; cross += 1) {
    if (cross >= once && cross <= unknown) continue;
    const prior = 1 / (cross === never ? neverBefore : one.before);
    moveWeight(cells, one, cross, prior, { rowsOf, from: starts[cross]!, to: starts[cross + 1]! });
  }
}

/** Σ mean² ÷ Σ of how much each weight is known by rows, from 0 to 1. */
function learnBefore(one: CrossBeliefs): void {
  let [squares, known] = [guess * guessWeight, guessWeight as number];
  for (let cross = firstCross; cross < one.mean.length; cross += 1) {
    squares += one.mean[cross]! ** 2;
    known += 1 - one.variance[cross]! / one.before;
  }
  one.before = Math.max(one.before / mostOfSweep, Math.min(one.before * mostOfSweep, squares / known));
}

/**
 * What holds for a pair that one training row has, by that row's label: of pairs that two rows have, each is the next one after the other. Weights under the prior of crosses,
 * moved by one of Newton's steps.
 */
function learnOnce({ crossed, mean, before }: CrossBeliefs, cells: Float64Array, { examples, shift }: PairRows): void {
  const { starts, rowsOf } = crossed;
  const slopes = [-mean[once]! / before, -mean[once + 1]! / before];
  const precisions = [1 / before, 1 / before];
  for (let cross = firstCross; cross < mean.length; cross += 1) {
    const from = starts[cross]!;
    if (starts[cross + 1]! - from !== 2) continue;
    for (const at of [0, 1]) {
      const row = rowsOf[from + at]!;
      const seen = examples.labels[rowsOf[from + 1 - at]!]!;
      const said = cells[row * cellsPerRow + logit]! - mean[cross]! + mean[once + seen]! + shift;
      const p = 1 / (1 + Math.exp(-said));
      const count = examples.weights === undefined ? 1 : examples.weights[row]!;
      slopes[seen]! += count * (examples.labels[row]! - p);
      // Halfway to the bound of ¼, so that no step overshoots.
      precisions[seen]! += count * (p * (1 - p) * 0.5 + 0.125);
    }
  }
  for (const seen of [0, 1]) mean[once + seen]! += slopes[seen]! / precisions[seen]!;
}
