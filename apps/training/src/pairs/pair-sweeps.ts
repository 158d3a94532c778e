import { cholesky, solveLower, solveSymmetric } from './cholesky.ts';
import type { Beliefs, Factor, PairBeliefs, PairInputs } from './pair-beliefs.ts';
import type { PairRows } from './pair-rows.ts';

/** Sweeps after which variances before rows are seen begin to be learned, and after which a factor may fall silent. */
const [learnsAfter, silentAfter] = [2, 15] as const;
/** Mean square of what a factor says, below which it says nothing. */
const silence = 1e-4;

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
  /** What is said of each row by what stays as it is. */
  readonly #offsets: Float32Array;
  /** Of each row: mean and variance of its logit, what it misses, the expected second derivative, and a bound on that. */
  readonly #logit: Float64Array;
  readonly #variance: Float64Array;
  readonly #missed: Float64Array;
  readonly #curvature: Float64Array;
  readonly #bound: Float64Array;
  /** Of each row in one factor: sum of means, of variances, and of their products. */
  readonly #sum: Float64Array;
  readonly #spread: Float64Array;
  readonly #both: Float64Array;
  #sweeps = 0;

  constructor(rows: PairRows, inputs: PairInputs, beliefs: PairBeliefs, offsets: Float32Array) {
    this.#rows = rows;
    this.#inputs = inputs;
    this.#beliefs = beliefs;
    this.#offsets = offsets;
    const perRow = (): Float64Array => new Float64Array(rows.examples.rows);
    [this.#logit, this.#variance, this.#missed] = [perRow(), perRow(), perRow()];
    [this.#curvature, this.#bound] = [perRow(), perRow()];
    [this.#sum, this.#spread, this.#both] = [perRow(), perRow(), perRow()];
  }

  /** One pass over all numbers. Yields to the event loop between factors. */
  async sweep(signal: AbortSignal): Promise<void> {
    if (this.#sweeps === 0) await this.#begin();
    this.#sweeps += 1;
    const { wide, wideBefore, factors } = this.#beliefs;
    this.#moveWide();
    this.#moveBias();
    this.#compare();
    const variance = new Float64Array(this.#variance.length);
    this.#addWideVariance(variance);
    for (const factor of factors) {
      if (factor.silent) continue;
      const said = this.#readFactor(factor, variance);
      if (this.#sweeps > silentAfter && said < silence) {
        this.#silence(factor);
        continue;
      }
      this.#moveFactor(factor);
      this.#moveImage(factor);
      this.#compare();
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
    this.#variance.set(variance);
    this.#compare();
    if (this.#sweeps <= learnsAfter) return;
    this.#learnBefore(wide, wideBefore, wideGuess);
    for (const { ids, before, silent } of factors) if (!silent) this.#learnBefore(ids, before);
  }

  async #begin(): Promise<void> {
    this.#readWide();
    for (const factor of this.#beliefs.factors) {
      this.#readFactor(factor, this.#variance, this.#logit);
      await new Promise(setImmediate);
    }
    this.#compare();
  }

  #readWide(): void {
    const { ids, fields, rows } = this.#rows.examples;
    const { bias, wide } = this.#beliefs;
    for (let row = 0; row < rows; row += 1) {
      let logit = bias + this.#offsets[row]!;
      for (let at = row * fields; at < (row + 1) * fields; at += 1) logit += wide.mean[ids[at]!]!;
      this.#logit[row] = logit;
    }
    this.#addWideVariance(this.#variance);
  }

  #addWideVariance(variances: Float64Array): void {
    const { ids, fields } = this.#rows.examples;
    const { variance } = this.#beliefs.wide;
    for (let at = 0; at < ids.length; at += 1) variances[Math.floor(at / fields)]! += variance[ids[at]!]!;
  }

  /**
   * Puts a factor's sums of each row in their places, and adds the variance of what it says to `variances`, and where `logits` is given its mean to those: of pairs of independent numbers Σ v = Q, Σ v² = R,
   * (Q² − R) ÷ 2 and Σ s (Q − v)² + Σ pairs s s′. Returns the mean square of what it says.
   */
  #readFactor({ ids: beliefs, shown }: Factor, variances: Float64Array, logits?: Float64Array): number {
    const { ids, fields, rows, images } = this.#rows.examples;
    const { mean, variance } = beliefs;
    let squares = 0;
    for (let row = 0; row < rows; row += 1) {
      let [q, s, both, r, s2, sr] = [0, 0, 0, 0, 0, 0];
      for (let at = row * fields; at < (row + 1) * fields; at += 1) {
        const id = ids[at]!;
        const [v, own] = [mean[id]!, variance[id]!];
        q += v;
        s += own;
        both += own * v;
        r += v * v;
        s2 += own * own;
        sr += own * v * v;
      }
      const image = this.#imageOf(images, row);
      if (image >= 0) {
        const [v, own] = [shown.mean[image]!, shown.variance[image]!];
        q += v;
        s += own;
        both += own * v;
        r += v * v;
        s2 += own * own;
        sr += own * v * v;
      }
      this.#sum[row] = q;
      this.#spread[row] = s;
      this.#both[row] = both;
      variances[row]! += q * q * s - 2 * q * both + sr + (s * s - s2) / 2;
      const said = (q * q - r) / 2;
      squares += said * said;
      if (logits !== undefined) logits[row]! += said;
    }
    return squares / Math.max(1, rows);
  }

  /** What each row misses, and how its loss is curved, under what is believed of its logit. */
  #compare(): void {
    const { rows, labels, weights } = this.#rows.examples;
    for (let row = 0; row < rows; row += 1) {
      const [logit, variance] = [this.#logit[row]! + this.#rows.shift, this.#variance[row]!];
      // The mean of a sigmoid under a normal logit, by D. MacKay, "The Evidence Framework Applied to Classification Networks", 1992.
      const shrunk = 1 / Math.sqrt(1 + (Math.PI / 8) * variance);
      const p = 1 / (1 + Math.exp(-logit * shrunk));
      const count = weights === undefined ? 1 : weights[row]!;
      const size = Math.sqrt(logit * logit + variance) + 1e-6;
      this.#missed[row] = count * (labels[row]! - p);
      this.#curvature[row] = count * shrunk * p * (1 - p);
      this.#bound[row] = Math.max(this.#curvature[row]!, (count * Math.tanh(size / 2)) / (2 * size));
    }
  }

  #moveWide(): void {
    const { starts, rowsOfIds } = this.#rows;
    const { tableOf } = this.#inputs;
    const { wide, wideBefore } = this.#beliefs;
    for (let id = 0; id < tableOf.length; id += 1) {
      const [table, from, to] = [tableOf[id]!, starts[id]!, starts[id + 1]!];
      if (table < 0 || from === to) continue;
      const prior = 1 / wideBefore[table]!;
      let [slope, bound, precision] = [-prior * wide.mean[id]!, prior, prior];
      for (let at = from; at < to; at += 1) {
        const row = rowsOfIds[at]!;
        slope += this.#missed[row]!;
        bound += this.#bound[row]!;
        precision += this.#curvature[row]!;
      }
      const change = slope / bound;
      wide.mean[id]! += change;
      wide.variance[id] = 1 / precision;
      for (let at = from; at < to; at += 1) this.#add(rowsOfIds[at]!, change);
    }
  }

  #moveBias(): void {
    let [slope, bound] = [0, 1e-9];
    for (let row = 0; row < this.#missed.length; row += 1) {
      slope += this.#missed[row]!;
      bound += this.#bound[row]!;
    }
    const change = slope / bound;
    this.#beliefs.bias += change;
    for (let row = 0; row < this.#missed.length; row += 1) this.#add(row, change);
  }

  #moveFactor({ ids: { mean, variance }, before }: Factor): void {
    const { starts, rowsOfIds } = this.#rows;
    const { tableOf } = this.#inputs;
    const [sums, spreads, boths] = [this.#sum, this.#spread, this.#both];
    const [missed, curvature, bounds, logits] = [this.#missed, this.#curvature, this.#bound, this.#logit];
    for (let id = 0; id < tableOf.length; id += 1) {
      const [table, from, to] = [tableOf[id]!, starts[id]!, starts[id + 1]!];
      if (table < 0 || from === to) continue;
      const [prior, v, own] = [1 / before[table]!, mean[id]!, variance[id]!];
      let [slope, bound, precision] = [-prior * v, prior, prior];
      for (let at = from; at < to; at += 1) {
        const row = rowsOfIds[at]!;
        const [others, spread, curved] = [sums[row]! - v, spreads[row]! - own, curvature[row]!];
        slope += missed[row]! * others - curved * (spread * sums[row]! - boths[row]! + own * v);
        bound += bounds[row]! * others * others + curved * spread;
        precision += curved * (others * others + spread);
      }
      const [change, next] = [slope / bound, 1 / precision];
      const [less, product] = [next - own, next * (v + change) - own * v];
      mean[id] = v + change;
      variance[id] = next;
      for (let at = from; at < to; at += 1) {
        const row = rowsOfIds[at]!;
        const moved = change * (sums[row]! - v);
        logits[row]! += moved;
        missed[row]! -= bounds[row]! * moved;
        sums[row]! += change;
        spreads[row]! += less;
        boths[row]! += product;
      }
    }
  }

  /** The image's projection at once: rows that show an image say together what its number should be, and the projection is a ridge regression on that. */
  #moveImage(factor: Factor): void {
    const { units, vectors } = this.#inputs.images;
    const { images, rows } = this.#rows.examples;
    if (units === 0 || images === undefined) return;
    const { shown, image: projection } = factor;
    const count = shown.mean.length;
    const [slopes, bounds, precisions] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    for (let row = 0; row < rows; row += 1) {
      const image = images[row]!;
      if (image < 0) continue;
      const [v, own, curved] = [shown.mean[image]!, shown.variance[image]!, this.#curvature[row]!];
      const [others, spread] = [this.#sum[row]! - v, this.#spread[row]! - own];
      slopes[image]! += this.#missed[row]! * others - curved * (spread * this.#sum[row]! - this.#both[row]! + own * v);
      bounds[image]! += this.#bound[row]! * others * others + curved * spread;
      precisions[image]! += curved * (others * others + spread);
    }
    const prior = 1 / factor.imageBefore;
    const slope = projection.map((number) => -prior * number);
    for (let at = 0; at < vectors.length; at += 1) slope[at % units]! += slopes[Math.floor(at / units)]! * vectors[at]!;
    const step = solveSymmetric(cholesky(products(vectors, units, bounds, prior)), slope);
    const believed = cholesky(products(vectors, units, precisions, prior));
    const changes = new Float64Array(count);
    for (let at = 0; at < vectors.length; at += 1) changes[Math.floor(at / units)]! += step[at % units]! * vectors[at]!;
    for (let unit = 0; unit < units; unit += 1) projection[unit]! += step[unit]!;
    for (let row = 0; row < rows; row += 1) {
      const image = images[row]!;
      if (image < 0) continue;
      this.#add(row, changes[image]! * (this.#sum[row]! - shown.mean[image]!));
    }
    for (let image = 0; image < count; image += 1) {
      shown.mean[image]! += changes[image]!;
      shown.variance[image] = squareOf(solveLower(believed, vectors.subarray(image * units, (image + 1) * units)));
    }
    if (this.#sweeps <= learnsAfter) return;
    let variance = squareOf(projection);
    for (let unit = 0; unit < units; unit += 1)
      variance += squareOf(
        solveLower(
          believed,
          projection.map((_, at) => (at === unit ? 1 : 0)),
        ),
      );
    factor.imageBefore = relaxed(factor.imageBefore, (variance + imageGuess) / (units + 1));
  }

  /** What a table's numbers are like, from what is believed of them; few of them are drawn to a guess, or to what all tables' are like. */
  #learnBefore({ mean, variance }: Beliefs, before: Float64Array, guess?: number): void {
    const { tableOf, tables } = this.#inputs;
    const { starts } = this.#rows;
    const [sums, counts] = [new Float64Array(tables), new Float64Array(tables)];
    for (let id = 0; id < tableOf.length; id += 1) {
      const table = tableOf[id]!;
      if (table < 0 || starts[id] === starts[id + 1]) continue;
      sums[table]! += mean[id]! ** 2 + variance[id]!;
      counts[table]! += 1;
    }
    const total = (values: Float64Array): number => values.reduce((sum, one) => sum + one, 0);
    const usual = guess ?? total(sums) / Math.max(1, total(counts));
    for (let table = 0; table < tables; table += 1)
      before[table] = relaxed(before[table]!, (sums[table]! + guessWeight * usual) / (counts[table]! + guessWeight));
  }

  #silence(factor: Factor): void {
    const said = new Float64Array(this.#logit.length);
    this.#readFactor(factor, new Float64Array(said.length), said);
    for (let row = 0; row < said.length; row += 1) this.#add(row, -said[row]!);
    factor.silent = true;
    for (const values of [factor.ids.mean, factor.ids.variance, factor.image, factor.shown.mean, factor.shown.variance])
      values.fill(0);
  }

  #add(row: number, change: number): void {
    this.#logit[row]! += change;
    this.#missed[row]! -= this.#bound[row]! * change;
  }

  #imageOf(images: Int32Array | undefined, row: number): number {
    return this.#inputs.images.units === 0 ? -1 : (images?.[row] ?? -1);
  }
}

/** How many numbers a guess counts as; guesses of a linear weight's variance, and of an image's projection. */
const [guessWeight, wideGuess, imageGuess] = [2, 0.05, 0.01] as const;

/** Twice as far as asked for, since each sweep asks for a part of the way; four times as much or as little at most. */
function relaxed(before: number, asked: number): number {
  return Math.max(1e-6, Math.min(before * 4, Math.max(before / 4, asked ** 2 / before)));
}

function squareOf(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one * one, 0);
}

/** The lower triangle of prior · I + Σ weight · vector · vectorᵀ. */
function products(vectors: Float32Array, units: number, weights: Float64Array, prior: number): Float64Array[] {
  const matrix = Array.from({ length: units }, (_, row) => {
    const own = new Float64Array(units);
    own[row] = prior;
    return own;
  });
  for (const [image, weight] of weights.entries()) {
    if (weight === 0) continue;
    for (let row = 0; row < units; row += 1) {
      const scaled = weight * vectors[image * units + row]!;
      for (let column = 0; column <= row; column += 1)
        matrix[row]![column]! += scaled * vectors[image * units + column]!;
    }
  }
  return matrix;
}
