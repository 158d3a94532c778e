import { composeModel, type Weights } from '@adstocrat/models';
import { CrossSweeps } from '../crosses/cross-sweeps.ts';
import { crossWeights, type RememberedCrosses, rememberedCrosses } from '../crosses/cross-weights.ts';
import type { CrossedRows } from '../crosses/crossed-rows.ts';
import { findCrosses } from '../crosses/find-crosses.ts';
import type { FittedMember } from '../search/fitted-members.ts';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { FittedImages } from '../image/fit-image-tower.ts';
import { linearLogitsOf } from '../search/linear-candidate.ts';
import { type Look, lookAt } from '../search/look.ts';
import { defaultBudget } from '../search/schedule.ts';
import { modelInputs } from '../search/trial-data.ts';
import { firstBeliefs, type PairBeliefs } from './pair-beliefs.ts';
import { pairLogits } from './pair-logits.ts';
import { columnsAt, pairInputs, pairWeights } from './pair-model.ts';
import { pairRows } from './pair-rows.ts';
import { PairSweeps } from './pair-sweeps.ts';
import { Turns } from './turns.ts';

const settings = {
  /** Numbers of a vector, at most: those that are not needed fall silent. And of all vectors together: of many ids each has fewer. */
  factors: 8,
  mostNumbers: 4_000_000,
  /** Variances that vectors' numbers begin with: with a small one what interacts weakly is found, with a large one what interacts strongly. */
  beginnings: [0.02, 0.1],
  /** Sweeps that each beginning has before the better one goes on. */
  firstSweeps: 6,
  /** Sweeps at most, and at least where rows are many: as many as read so many numbers of vectors in all, with the default budget. */
  mostSweeps: 60,
  fewestSweeps: 14,
  mostRead: 800_000_000,
  /** Sweeps between two looks, without a better one that end the fit, and in which the logistic regression must be caught up with. */
  lookEvery: 2,
  patience: 20,
  catchUp: 14,
} as const;

/**
 * Pairs of ids, and of ids and the image, fitted as a whole by {@link PairSweeps} from where the logistic regression ended, as far as serves the validation rows best; undefined where
 * that serves them as well, where rows have fewer than two things to pair, and where numbers are not finite.
 */
export const fittedPairs: FittedMember = async (data, { linear, seed, budget, signal, onProgress }) => {
  const { train, validation, images } = data;
  const inputs = pairInputs(data);
  const factors = Math.min(settings.factors, Math.floor(settings.mostNumbers / Math.max(1, inputs.tableOf.length)));
  if (train.fields === 0 || train.fields + (images === undefined ? 0 : 1) < 2 || factors === 0) return undefined;
  const start = linear.best?.weights ?? new Map<string, Float32Array>();
  const fixed = withoutIds(start);
  const offsetsOf = (examples: LoadedExamples): Float32Array => linearLogitsOf(data, fixed, examples);
  const turns = new Turns(signal);
  const rows = await pairRows(train, inputs.tableOf.length, offsetsOf, turns);
  const shownOffsets = offsetsOf(validation);
  const crossed = await findCrosses(rows, inputs, start, validation, turns);
  const begun = (before: number, remembered: readonly CrossedRows[]): Fit => {
    const from = { bias: start.get('logit.bias')?.[0] ?? 0, wide: start.get('wide.table') ?? [], wideL2: linear.l2 };
    const has = (id: number): boolean => rows.starts[id] !== rows.starts[id + 1];
    const beliefs = firstBeliefs(inputs, has, { ...from, factors, before, seed });
    const crosses = new CrossSweeps(remembered, rows);
    return { before, beliefs, crosses, sweeps: new PairSweeps(rows, inputs, beliefs, crosses) };
  };
  const lookOf = async ({ beliefs, crosses }: Fit): Promise<Look | undefined> => {
    const logits = await pairLogits(beliefs, validation, shownOffsets, turns);
    crosses.sayShown(logits);
    return logits.every(Number.isFinite) ? lookAt(logits, validation.labels) : undefined;
  };
  const toBeat = linear.best?.loss ?? Infinity;
  let fit: Fit | undefined;
  let best: Best | undefined;
  const note = (one: Fit, look: Look, sweep: number): void => {
    const remembered = rememberedCrosses(one.crosses.crosses);
    [fit, best] = [one, { look, sweep, model: pairWeights(data, one.beliefs, start), remembered }];
  };
  /** Fewer where a sweep reads much. */
  const sweepsWith = (remembered: number): number => {
    const read =
      factors * (rows.examples.ids.length + validation.ids.length / settings.lookEvery + projectionsOf(images)) +
      2 * remembered * rows.examples.rows;
    return Math.min(
      settings.mostSweeps,
      Math.max(settings.fewestSweeps, Math.floor((settings.mostRead * budget) / defaultBudget / read)),
    );
  };
  const beginnings = settings.beginnings.length + (crossed.length > 0 ? 1 : 0);
  let total = (beginnings - 1) * settings.firstSweeps + sweepsWith(crossed.length);
  let done = 0;
  const swept = async ({ sweeps }: Fit): Promise<void> => {
    onProgress?.({ fit: 'pairs', done, total });
    await sweeps.sweep(signal);
    done += 1;
  };
  const begin = async (before: number, remembered: readonly CrossedRows[]): Promise<void> => {
    const one = begun(before, remembered);
    for (let sweep = 0; sweep < settings.firstSweeps; sweep += 1) await swept(one);
    const look = await lookOf(one);
    if (look !== undefined && look.loss < (best?.look.loss ?? Infinity)) note(one, look, settings.firstSweeps);
  };
  for (const before of settings.beginnings) await begin(before, crossed);
  // What rows of training share may be worth nothing in rows to come: who splits by user sees none of them again.
  if (fit !== undefined && crossed.length > 0) await begin(fit.before, []);
  if (fit === undefined || best === undefined) return undefined;
  const mostSweeps = sweepsWith(fit.crosses.crosses.length);
  total = (beginnings - 1) * settings.firstSweeps + mostSweeps;
  for (let sweep = best.sweep + 1; sweep <= mostSweeps; sweep += 1) {
    await swept(fit);
    if (sweep % settings.lookEvery !== 0) continue;
    const look = await lookOf(fit);
    if (look === undefined) break;
    if (look.loss < best.look.loss) note(fit, look, sweep);
    if (sweep - best.sweep >= settings.patience || (sweep >= settings.catchUp && best.look.loss >= toBeat)) break;
    if (fit.beliefs.factors.every(({ silent }) => silent) && fit.crosses.crosses.length === 0) break;
  }
  if (best.look.loss >= toBeat) return undefined;
  const { look, sweep, model, remembered } = best;
  const known = Float32Array.from(inputs.tableOf, (_, id) => (rows.starts[id] === rows.starts[id + 1] ? 0 : 1));
  const crosses = crossWeights(remembered, known);
  const spec = composeModel(modelInputs(data), {
    wideL2: linear.l2,
    embedding: { units: model.units, l2: 1, dropout: 0 },
    streams: [{ stream: 'factorization-machine' }, ...(crosses === undefined ? [] : [crosses.stream])],
    ...(images && { image: images.tower }),
  });
  const columns = remembered.map(({ crossed }) =>
    crossed.places.map((place) => columnsAt(data.graph, place)).join(' × '),
  );
  const name = `pairs as a whole, ${sweep} sweeps${named(columns)}`;
  const weights = new Map([...model.weights, ...(crosses?.weights ?? [])]);
  return { name, spec, best: { ...look, weights }, epochs: 0, bestEpoch: 0, curve: [] };
};

/** As a part of the model's name: two, and how many more. */
function named(remembered: readonly string[]): string {
  if (remembered.length === 0) return '';
  const more = remembered.length > 2 ? ` and ${remembered.length - 2} more` : '';
  return `, remembers ${remembered.slice(0, 2).join(', ')}${more}`;
}

/** Numbers that a factor's projection of the images reads: a ridge regression over them. */
function projectionsOf(images: FittedImages | undefined): number {
  return images === undefined ? 0 : (images.vectors.length / images.tower.units) * images.tower.units ** 2;
}

/** The best look so far, and what was believed then. */
interface Best {
  readonly look: Look;
  readonly sweep: number;
  readonly model: ReturnType<typeof pairWeights>;
  readonly remembered: readonly RememberedCrosses[];
}

interface Fit {
  readonly before: number;
  readonly crosses: CrossSweeps;
  readonly beliefs: PairBeliefs;
  readonly sweeps: PairSweeps;
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
