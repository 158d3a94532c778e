import type { TuningTrialRecord } from '@adstocrat/metadata';
import { splitMix32 } from '@adstocrat/models';
import { type Point, samplers, type SamplerName } from '@adstocrat/tuning';
import type { IdInputs } from '../search/portfolio.ts';
import { hasShown } from './has-shown.ts';
import { portfolioPoints, tuningSpace } from './space.ts';

/**
 * What a trial sets: the first trials what a run tries by itself, the others what the sampler draws from those that have ended. The same number, seed and
 * ended trials give the same.
 */
export function drawPoint(
  inputs: IdInputs,
  { sampler, seed }: { readonly sampler: SamplerName; readonly seed: number },
  trial: number,
  others: readonly TuningTrialRecord[],
): { readonly from: TuningTrialRecord['from']; readonly point: Point } {
  const own = portfolioPoints(inputs)[trial - 1];
  if (own !== undefined) return { from: 'portfolio', point: own };
  const seen = others.filter(hasShown).flatMap(({ point, rungs }) => {
    const last = rungs.at(-1);
    return last === undefined ? [] : [{ point, rung: rungs.length, loss: last.loss }];
  });
  // States that are themselves drawn: no trial's numbers are another's, shifted.
  const bits = splitMix32(splitMix32(splitMix32(seed)() ^ splitMix32(trial)())());
  return { from: 'sampler', point: samplers[sampler](tuningSpace(inputs), seen, () => bits() / 2 ** 32) };
}
