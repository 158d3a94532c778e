import { composeModel, type Weights } from '@adstocrat/models';
import { CrossSweeps } from '../crosses/cross-sweeps.ts';
import { crossWeights, type RememberedCrosses, rememberedCrosses } from '../crosses/cross-weights.ts';
import type { CrossedRows } from '../crosses/crossed-rows.ts';
import type { Places } from '../crosses/pair-numbers.ts';
import { findCrosses } from '../crosses/find-crosses.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { FitOptions, FittedCandidate } from '../search/fitted-members.ts';
import { linearLogitsOf } from '../search/linear-candidate.ts';
import { type Look, lookAt } from '../search/look.ts';
import { type FitData, modelInputs } from '../search/trial-data.ts';
import { firstBeliefs, type PairBeliefs, type PairInputs } from './pair-beliefs.ts';
import { pairLogits } from './pair-logits.ts';
import { columnsAt, pairInputs, pairWeights } from './pair-model.ts';
import { type PairRows, pairRows } from './pair-rows.ts';
import { PairSweeps } from './pair-sweeps.ts';
import { Turns } from './turns.ts';

/** Numbers of a vector, at most: those that are not needed fall silent. And of all vectors together: of many ids each has fewer. */
const [mostFactors, mostNumbers] = [8, 4_000_000] as const;

/** Beliefs on their way. */
export interface PairFit {
  readonly before: number;
  readonly crosses: CrossSweeps;
  readonly beliefs: PairBeliefs;
  readonly sweeps: PairSweeps;
}

/** What was believed after some sweeps, and what the validation rows say of it. */
export interface PairFound {
  readonly before: number;
  readonly look: Look;
  readonly sweep: number;
  readonly model: ReturnType<typeof pairWeights>;
  readonly remembered: readonly RememberedCrosses[];
}

/** Rows with their pairs, from which fits begin where the logistic regression ended. */
export class PairFits {
  readonly #data: FitData;
  readonly #options: FitOptions;
  readonly #inputs: PairInputs;
  readonly #rows: PairRows;
  readonly #crossed: readonly CrossedRows[];
  readonly #shownOffsets: Float32Array;
  readonly #turns: Turns;
  readonly #start: Weights;
  readonly #factors: number;

  private constructor(
    data: FitData,
    options: FitOptions,
    of: {
      readonly inputs: PairInputs;
      readonly rows: PairRows;
      readonly crossed: readonly CrossedRows[];
      readonly shownOffsets: Float32Array;
      readonly turns: Turns;
      readonly start: Weights;
      readonly factors: number;
    },
  ) {
    this.#data = data;
    this.#options = options;
    this.#inputs = of.inputs;
    this.#rows = of.rows;
    this.#crossed = of.crossed;
    this.#shownOffsets = of.shownOffsets;
    this.#turns = of.turns;
    this.#start = of.start;
    this.#factors = of.factors;
  }

  /** Undefined where rows have fewer than two things to pair. `crosses`: of features that were chosen before. */
  static async over(data: FitData, options: FitOptions, crosses?: readonly Places[]): Promise<PairFits | undefined> {
    const { train, validation, images } = data;
    const inputs = pairInputs(data);
    const factors = Math.min(mostFactors, Math.floor(mostNumbers / Math.max(1, inputs.tableOf.length)));
    if (train.fields === 0 || train.fields + (images === undefined ? 0 : 1) < 2 || factors === 0) return undefined;
    const start = options.linear.best?.weights ?? new Map<string, Float32Array>();
    const fixed = withoutIds(start);
    const offsetsOf = (examples: LoadedExamples): Float32Array => linearLogitsOf(data, fixed, examples);
    const turns = new Turns(options.signal);
    const rows = await pairRows(train, inputs.tableOf.length, offsetsOf, turns);
    const crossed = await findCrosses(rows, inputs, start, validation, turns, crosses);
    const shownOffsets = offsetsOf(validation);
    return new PairFits(data, options, { inputs, rows, crossed, shownOffsets, turns, start, factors });
  }

  /** Features of which crosses tell something, two by two. */
  get crosses(): number {
    return this.#crossed.length;
  }

  /** A fit whose vectors' numbers begin with this variance, with crosses or without. */
  begin(before: number, withCrosses: boolean): PairFit {
    const { linear, seed } = this.#options;
    const { starts } = this.#rows;
    const bias = this.#start.get('logit.bias')?.[0] ?? 0;
    const from = { bias, wide: this.#start.get('wide.table') ?? [], wideL2: linear.l2 };
    const has = (id: number): boolean => starts[id] !== starts[id + 1];
    const beliefs = firstBeliefs(this.#inputs, has, { ...from, factors: this.#factors, before, seed });
    const crosses = new CrossSweeps(withCrosses ? this.#crossed : [], this.#rows);
    return { before, beliefs, crosses, sweeps: new PairSweeps(this.#rows, this.#inputs, beliefs, crosses) };
  }

  /** Numbers of vectors that a sweep reads, and a look each so many sweeps; and of crosses. */
  numbersRead(withCrosses: boolean, lookEvery: number): number {
    const { examples } = this.#rows;
    const { validation, images } = this.#data;
    // A factor's projection of the images is a ridge regression over them.
    const projections = images === undefined ? 0 : images.vectors.length * images.tower.units;
    const vectors = this.#factors * (examples.ids.length + validation.ids.length / lookEvery + projections);
    return vectors + 2 * (withCrosses ? this.crosses : 0) * examples.rows;
  }

  /** What the validation rows say of a fit; undefined where its numbers are not finite. */
  async found({ before, beliefs, crosses }: PairFit, sweep: number): Promise<PairFound | undefined> {
    const { validation } = this.#data;
    const logits = await pairLogits(beliefs, validation, this.#shownOffsets, this.#turns);
    crosses.sayShown(logits);
    if (!logits.every(Number.isFinite)) return undefined;
    const look = lookAt(logits, validation.labels);
    const remembered = rememberedCrosses(crosses.crosses);
    return { before, look, sweep, model: pairWeights(this.#data, beliefs, this.#start), remembered };
  }

  /** As a model. */
  candidateOf({ before, look, sweep, model, remembered }: PairFound): FittedCandidate {
    const { graph, images } = this.#data;
    const { starts } = this.#rows;
    const known = Float32Array.from(this.#inputs.tableOf, (_, id) => (starts[id] === starts[id + 1] ? 0 : 1));
    const crosses = crossWeights(remembered, known);
    const spec = composeModel(modelInputs(this.#data), {
      wideL2: this.#options.linear.l2,
      embedding: { units: model.units, l2: 1, dropout: 0 },
      streams: [{ stream: 'factorization-machine' }, ...(crosses === undefined ? [] : [crosses.stream])],
      ...(images && { image: images.tower }),
    });
    const columns = remembered.map(({ crossed }) => crossed.places.map((place) => columnsAt(graph, place)).join(' × '));
    return {
      name: `pairs as a whole, ${sweep} sweeps${named(columns)}`,
      spec,
      best: { ...look, weights: new Map([...model.weights, ...(crosses?.weights ?? [])]) },
      extent: { fit: 'pairs', steps: sweep, before, crosses: remembered.map(({ crossed }) => crossed.places) },
      epochs: 0,
      bestEpoch: 0,
      curve: [],
    };
  }
}

/** As a part of the model's name: two, and how many more. */
function named(remembered: readonly string[]): string {
  if (remembered.length === 0) return '';
  const more = remembered.length > 2 ? ` and ${remembered.length - 2} more` : '';
  return `, remembers ${remembered.slice(0, 2).join(', ')}${more}`;
}

/** What the linear part says without ids and bias: these are moved with the pairs. */
function withoutIds(weights: Weights): Weights {
  return new Map(
    Array.from(weights, ([name, values]) => [
      name,
      name === 'wide.table' || name === 'logit.bias' ? new Float32Array(values.length) : values,
    ]),
  );
}
