import { CrossSweeps } from '../crosses/cross-sweeps.ts';
import { learnBefore } from './learn-before.ts';
import { type ImageSlopes, moveProjection } from './move-projection.ts';
import { moveWeight } from './move-weight.ts';
import type { Factor, PairBeliefs, PairInputs } from './pair-beliefs.ts';
import type { PairRows } from './pair-rows.ts';
import { Turns } from './turns.ts';
import { addTo, both, bound, cellsPerRow, curvature, logit, missed, spread, sum, variance } from './row-cells.ts';

/** Sweeps after which variances before rows are seen begin to be learned, and after which a factor may fall silent. */
const [learnsAfter, silentAfter] = [2, 15] as const;
/** Mean square of what a factor says, below which it says nothing. */
const silence = 1e-4;
/** A guess of the variance of a linear weight. */
const wideGuess = 0.02;

/**
 * Brings beliefs about a factorization machine nearer to what rows say, one number at a time: the normal beliefs, independent of each other, that maximize the expected
 * log-likelihood less their distance from the prior, whose variances are learned too, table by table and factor by factor. What rows don't tell of stays near 0 by itself, and
 * factors that are not needed fall silent, so that neither a prior nor a width has to be chosen. Sources: S. Rendle, "Factorization Machines", 2010; M. Opper and C. Archambeau, "The Variational
 * Gaussian Approximation Revisited", 2009, for the expected likelihood's derivatives; T. Jaakkola and M. Jordan, "Bayesian Parameter Estimation via Variational Methods", 2000, for steps that can't overshoot.
 */
export class PairSweeps {
  readonly #rows: PairRows;
  readonly #inputs: PairInputs;
  readonly #beliefs: PairBeliefs;
  readonly #crosses: CrossSweeps;
  readonly #cells: Float64Array;
  #sweeps = 0;
  #turns = new Turns(new AbortController().signal);

  constructor(rows: PairRows, inputs: PairInputs, beliefs: PairBeliefs, crosses = new CrossSweeps([], rows)) {
    this.#rows = rows;
    this.#inputs = inputs;
    this.#beliefs = beliefs;
    this.#crosses = crosses;
    this.#cells = new Float64Array(rows.examples.rows * cellsPerRow);
  }

  /** One pass over all numbers. Lets the event loop turn now and then. Throws `signal.reason` when aborted. */
  async sweep(signal: AbortSignal): Promise<void> {
    this.#turns = new Turns(signal);
    if (this.#sweeps === 0) await this.#begin();
    this.#sweeps += 1;
    const { wide, wideBefore, factors } = this.#beliefs;
    await this.#moveWide();
    await this.#crosses.move(this.#cells, this.#turns);
    this.#moveBias();
    this.#compare();
    const variances = await this.#wideVariances();
    for (const factor of factors) {
      if (factor.silent) continue;
      const said = await this.#readFactor(factor, variances);
      if (this.#sweeps > silentAfter && said < silence) {
        await this.#silence(factor);
        continue;
      }
      await this.#moveFactor(factor);
      this.#moveImage(factor);
      this.#compare();
      await this.#turns.take();
    }
    // Also where no factor is left.
    await this.#turns.take();
    this.#compare(variances);
    this.#crosses.learn(this.#cells);
    if (this.#sweeps <= learnsAfter) return;
    learnBefore(wide, wideBefore, this.#inputs, this.#rows, wideGuess);
    for (const { ids, before, silent } of factors) if (!silent) learnBefore(ids, before, this.#inputs, this.#rows);
  }

  async #begin(): Promise<void> {
    const { ids, fields, rows } = this.#rows.examples;
    const { bias, wide, factors } = this.#beliefs;
    const logits = Float64Array.from(this.#rows.offsets, (offset) => bias + offset);
    for (let row = 0; row < rows; row += 1) {
      for (let at = row * fields; at < (row + 1) * fields; at += 1) logits[row]! += wide.mean[ids[at]!]!;
      if (this.#turns.areDue(fields)) await this.#turns.take();
    }
    const variances = await this.#wideVariances();
    for (const factor of factors) await this.#readFactor(factor, variances, logits);
    for (let row = 0; row < rows; row += 1) this.#cells[row * cellsPerRow + logit] = logits[row]!;
    this.#compare(variances);
  }

  async #wideVariances(): Promise<Float64Array> {
    const { ids, fields, rows } = this.#rows.examples;
    const own = this.#beliefs.wide.variance;
    const variances = new Float64Array(rows);
    for (let row = 0; row < rows; row += 1) {
      for (let at = row * fields; at < (row + 1) * fields; at += 1) variances[row]! += own[ids[at]!]!;
      if (this.#turns.areDue(fields)) await this.#turns.take();
    }
    await this.#crosses.addVariances(variances, this.#turns);
    return variances;
  }

  /**
   * Puts a factor's sums of each row in their cells, and adds the variance of what it says to `variances`, and its mean to `logits`: of independent numbers with means v, variances s and Σ v = Q, all pairs' products are
   * (Q² − Σ v²) ÷ 2, with the variance Σ s (Q − v)² + Σ s s′ over pairs. Returns the mean square of what it says.
   */
  async #readFactor({ ids: beliefs, shown }: Factor, variances: Float64Array, logits?: Float64Array): Promise<number> {
    const { ids, fields, rows, images } = this.#rows.examples;
    const { mean, variance: own } = beliefs;
    const withImages = shown.mean.length > 0;
    let total = 0;
    for (let row = 0; row < rows; row += 1) {
      const image = withImages ? (images?.[row] ?? -1) : -1;
      let v = image < 0 ? 0 : shown.mean[image]!;
      let s = image < 0 ? 0 : shown.variance[image]!;
      let q = v;
      let spreads = s;
      let product = s * v;
      let squares = v * v;
      let spreadSquares = s * s;
      let spreadOfSquares = s * v * v;
      for (let at = row * fields; at < (row + 1) * fields; at += 1) {
        const id = ids[at]!;
        v = mean[id]!;
        s = own[id]!;
        q += v;
        spreads += s;
        product += s * v;
        squares += v * v;
        spreadSquares += s * s;
        spreadOfSquares += s * v * v;
      }
      const cell = row * cellsPerRow;
      this.#cells[cell + sum] = q;
      this.#cells[cell + spread] = spreads;
      this.#cells[cell + both] = product;
      variances[row]! += q * q * spreads - 2 * q * product + spreadOfSquares + (spreads * spreads - spreadSquares) / 2;
      const said = (q * q - squares) / 2;
      total += said * said;
      if (logits !== undefined) logits[row]! += said;
      if (this.#turns.areDue(fields)) await this.#turns.take();
    }
    return total / Math.max(1, rows);
  }

  /** What each row misses, and how its loss is curved, under what is believed of its logit; with other variances of it, where they are given. */
  #compare(variances?: Float64Array): void {
    const { rows, labels, weights } = this.#rows.examples;
    const { shift } = this.#rows;
    const cells = this.#cells;
    for (let row = 0; row < rows; row += 1) {
      const cell = row * cellsPerRow;
      if (variances !== undefined) cells[cell + variance] = variances[row]!;
      const mean = cells[cell + logit]! + shift;
      const square = cells[cell + variance]!;
      // The mean of a sigmoid under a normal logit, by D. MacKay, "The Evidence Framework Applied to Classification Networks", 1992.
      const shrunk = 1 / Math.sqrt(1 + (Math.PI / 8) * square);
      const p = 1 / (1 + Math.exp(-mean * shrunk));
      const count = weights === undefined ? 1 : weights[row]!;
      const size = Math.sqrt(mean * mean + square) + 1e-6;
      const curved = count * shrunk * p * (1 - p);
      cells[cell + missed] = count * (labels[row]! - p);
      cells[cell + curvature] = curved;
      cells[cell + bound] = Math.max(curved, (count * Math.tanh(size / 2)) / (2 * size));
    }
  }

  async #moveWide(): Promise<void> {
    const { starts } = this.#rows;
    const { tableOf } = this.#inputs;
    for (let id = 0; id < tableOf.length; id += 1) {
      const read = starts[id + 1]! - starts[id]!;
      if (tableOf[id]! < 0 || read === 0) continue;
      this.#moveWeight(id);
      if (this.#turns.areDue(read)) await this.#turns.take();
    }
  }

  #moveWeight(id: number): void {
    const { starts, rowsOfIds: rowsOf, times } = this.#rows;
    const { wide, wideBefore } = this.#beliefs;
    const prior = 1 / wideBefore[this.#inputs.tableOf[id]!]!;
    moveWeight(this.#cells, wide, id, prior, { rowsOf, from: starts[id]!, to: starts[id + 1]!, times });
  }

  #moveBias(): void {
    const { rows } = this.#rows.examples;
    let [slope, bounds] = [0, 1e-9];
    for (let row = 0; row < rows; row += 1) {
      slope += this.#cells[row * cellsPerRow + missed]!;
      bounds += this.#cells[row * cellsPerRow + bound]!;
    }
    const change = slope / bounds;
    this.#beliefs.bias += change;
    for (let row = 0; row < rows; row += 1) addTo(this.#cells, row, change);
  }

  async #moveFactor(factor: Factor): Promise<void> {
    const { starts } = this.#rows;
    const { tableOf } = this.#inputs;
    for (let id = 0; id < tableOf.length; id += 1) {
      const read = starts[id + 1]! - starts[id]!;
      if (tableOf[id]! < 0 || read === 0) continue;
      this.#moveNumber(factor, id);
      if (this.#turns.areDue(read)) await this.#turns.take();
    }
  }

  /**
   * An id that a row has m times says m times as much, and its copies make ½ m (m − 1) v² of the row's logit beside: the slope is
   * m (Q − v) still, and the curve that bounds a step has m (m − 1) times what the row misses more.
   */
  #moveNumber({ ids: { mean, variance: own }, before }: Factor, id: number): void {
    const { starts, rowsOfIds, times } = this.#rows;
    const cells = this.#cells;
    const from = starts[id]!;
    const to = starts[id + 1]!;
    const prior = 1 / before[this.#inputs.tableOf[id]!]!;
    const v = mean[id]!;
    const s = own[id]!;
    let slope = -prior * v;
    let bounds = prior;
    let precision = prior;
    for (let at = from; at < to; at += 1) {
      const cell = rowsOfIds[at]! * cellsPerRow;
      const q = cells[cell + sum]!;
      const curved = cells[cell + curvature]!;
      const others = q - v;
      const spreads = cells[cell + spread]! - s;
      const count = times[at]!;
      const misses = cells[cell + missed]!;
      slope += count * (misses * others - curved * (spreads * q - cells[cell + both]! + s * v));
      const squared = count * count;
      bounds +=
        squared * (cells[cell + bound]! * others * others + curved * spreads) + (squared - count) * Math.abs(misses);
      precision += squared * curved * (others * others + spreads);
    }
    const change = slope / bounds;
    const next = 1 / precision;
    const less = next - s;
    const product = next * (v + change) - s * v;
    mean[id] = v + change;
    own[id] = next;
    for (let at = from; at < to; at += 1) {
      const cell = rowsOfIds[at]! * cellsPerRow;
      const count = times[at]!;
      const moved = count * change * (cells[cell + sum]! - v + (count - 1) * 0.5 * change);
      cells[cell + logit]! += moved;
      cells[cell + missed]! -= cells[cell + bound]! * moved;
      cells[cell + sum]! += count * change;
      cells[cell + spread]! += count * less;
      cells[cell + both]! += count * product;
    }
  }

  /** The image's projection at once. It is the last to move in a factor: of the sums only what the rows' logits need is kept. */
  #moveImage(factor: Factor): void {
    const { images, rows } = this.#rows.examples;
    const { mean, variance: own } = factor.shown;
    const count = mean.length;
    if (count === 0 || images === undefined) return;
    const cells = this.#cells;
    const said: ImageSlopes = {
      slopes: new Float64Array(count),
      bounds: new Float64Array(count),
      precisions: new Float64Array(count),
    };
    for (let row = 0; row < rows; row += 1) {
      const image = images[row]!;
      if (image < 0) continue;
      const cell = row * cellsPerRow;
      const v = mean[image]!;
      const s = own[image]!;
      const q = cells[cell + sum]!;
      const curved = cells[cell + curvature]!;
      const others = q - v;
      const spreads = cells[cell + spread]! - s;
      said.slopes[image]! += cells[cell + missed]! * others - curved * (spreads * q - cells[cell + both]! + s * v);
      said.bounds[image]! += cells[cell + bound]! * others * others + curved * spreads;
      said.precisions[image]! += curved * (others * others + spreads);
    }
    const before = mean.slice();
    const changes = moveProjection(factor, this.#inputs.images, said, this.#sweeps > learnsAfter);
    for (let row = 0; row < rows; row += 1) {
      const image = images[row]!;
      if (image >= 0) addTo(this.#cells, row, changes[image]! * (cells[row * cellsPerRow + sum]! - before[image]!));
    }
  }

  async #silence(factor: Factor): Promise<void> {
    const said = new Float64Array(this.#rows.examples.rows);
    await this.#readFactor(factor, new Float64Array(said.length), said);
    for (let row = 0; row < said.length; row += 1) addTo(this.#cells, row, -said[row]!);
    factor.silent = true;
    for (const values of [factor.ids.mean, factor.ids.variance, factor.image, factor.shown.mean, factor.shown.variance])
      values.fill(0);
  }
}
