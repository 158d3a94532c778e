import type { FitOptions, FittedMember } from '../search/fitted-members.ts';
import { defaultBudget, quickBelow } from '../search/schedule.ts';
import { type PairFit, PairFits, type PairFound } from './pair-fits.ts';

const settings = {
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
 * Pairs of ids, and of ids and the image, fitted as a whole by `PairSweeps` from where the logistic regression ended, as far as serves the validation rows best; undefined where
 * that serves them as well, where rows have fewer than two things to pair, and where numbers are not finite.
 */
export const fittedPairs: FittedMember = async (data, options, extent) => {
  const fits = await PairFits.over(data, options, extent?.crosses);
  if (fits === undefined) return undefined;
  if (extent !== undefined) {
    const { before = settings.beginnings[0], steps } = extent;
    const { signal, onProgress } = options;
    const told = (done: number): void => onProgress?.({ fit: 'pairs', done, total: steps });
    const found = await swept(fits, fits.begin(before, true), steps, { signal, told });
    return found && fits.candidateOf(found);
  }
  const best = await searched(fits, options);
  return best && best.look.loss < lossToBeat(options) ? fits.candidateOf(best) : undefined;
};

/** A fit after so many sweeps. */
async function swept(
  fits: PairFits,
  fit: PairFit,
  steps: number,
  { signal, told }: { readonly signal: AbortSignal; readonly told: (done: number) => void },
): Promise<PairFound | undefined> {
  for (let done = 0; done < steps; done += 1) {
    told(done);
    await fit.sweeps.sweep(signal);
  }
  return fits.found(fit, steps);
}

/** Of several beginnings the best one, as far as serves the validation rows best. */
async function searched(fits: PairFits, options: FitOptions): Promise<PairFound | undefined> {
  const { budget, signal, onProgress } = options;
  const { firstSweeps } = settings;
  /** Fewer where a sweep reads much. */
  const sweepsWith = (withCrosses: boolean): number => {
    const read = fits.numbersRead(withCrosses, settings.lookEvery);
    const wanted = Math.floor((settings.mostRead * budget) / defaultBudget / read);
    return Math.min(settings.mostSweeps, Math.max(settings.fewestSweeps, wanted));
  };
  const remembers = fits.crosses > 0;
  const variances = budget < quickBelow ? settings.beginnings.slice(0, 1) : settings.beginnings;
  const beginnings = variances.length + (remembers ? 1 : 0);
  let begun = 0;
  let fit: PairFit | undefined;
  let best: PairFound | undefined;
  const begin = async (before: number, withCrosses: boolean): Promise<void> => {
    const one = fits.begin(before, withCrosses);
    const total = (beginnings - 1) * firstSweeps + sweepsWith(remembers);
    const told = (done: number): void => onProgress?.({ fit: 'pairs', done: begun * firstSweeps + done, total });
    const found = await swept(fits, one, firstSweeps, { signal, told });
    begun += 1;
    if (found !== undefined && found.look.loss < (best?.look.loss ?? Infinity)) [fit, best] = [one, found];
  };
  for (const before of variances) await begin(before, remembers);
  // What rows of training share may be worth nothing in rows to come: who splits by user sees none of them again.
  if (fit !== undefined && remembers) await begin(fit.before, false);
  if (fit === undefined || best === undefined) return undefined;
  const mostSweeps = sweepsWith(fit.crosses.crosses.length > 0);
  const total = (beginnings - 1) * firstSweeps + mostSweeps;
  for (let sweep = firstSweeps + 1; sweep <= mostSweeps; sweep += 1) {
    onProgress?.({ fit: 'pairs', done: (beginnings - 1) * firstSweeps + sweep - 1, total });
    await fit.sweeps.sweep(signal);
    if (sweep % settings.lookEvery !== 0) continue;
    const found = await fits.found(fit, sweep);
    if (found === undefined) break;
    if (found.look.loss < best.look.loss) best = found;
    const behind = best.look.loss >= lossToBeat(options);
    if (sweep - best.sweep >= settings.patience || (sweep >= settings.catchUp && behind)) break;
    if (fit.beliefs.factors.every(({ silent }) => silent) && fit.crosses.crosses.length === 0) break;
  }
  return best;
}

function lossToBeat({ linear }: FitOptions): number {
  return linear.best?.loss ?? Infinity;
}
