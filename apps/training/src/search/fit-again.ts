import type { Calibration, ModelSpec, Weights } from '@adstocrat/models';
import { calibrationOnMore, slopeOnMore } from '../calibration/calibration-on-more.ts';
import { joinedRows } from '../data/joined-rows.ts';
import { blendCandidates } from './blend-candidates.ts';
import type { Candidate } from './candidate.ts';
import type { Choice } from './choose.ts';
import { type FitOptions, type FittedCandidate, fittedMembers } from './fitted-members.ts';
import { linearAgain, type LinearCandidate } from './linear-candidate.ts';
import { quickBelow } from './schedule.ts';
import type { FitData, TrialData } from './trial-data.ts';

/** The model that is served. */
export interface ServedModel {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  /** Of the validation rows, uncalibrated. */
  readonly logits: Float32Array;
  readonly calibration: Calibration;
  /** Names of those of its members that were fitted again on training and validation rows together. */
  readonly again: readonly string[];
}

/**
 * A choice with those of its members that are fitted at once fitted again, as far as they went and by what was chosen for them, on training and validation rows together: they are the
 * newest rows, and judge nothing any more. Members keep their shares, and what they showed. The choice as it is where training rows count in ways that validation rows don't: by weights, with negatives left out,
 * or with columns that a server fixes; and where they are few to the training rows, or so many that the calibration would not hold; and with a budget for a quick run. Throws `signal.reason` when aborted.
 */
export async function fitAgain(
  choice: Choice & { readonly calibration: Calibration },
  data: TrialData,
  options: Omit<FitOptions, 'linear'> & { readonly linear: LinearCandidate | undefined },
): Promise<ServedModel> {
  const { spec, weights, look, members, calibration } = choice;
  const asItIs = { spec, weights, logits: look.logits, calibration, again: [] };
  const { linear } = options;
  const { negativeShare, weighted } = data.train;
  const alike = negativeShare === 1 && !weighted && (data.graph.fixed ?? []).length === 0;
  const ratio = data.validation.rows / data.train.rows;
  const worthwhile = ratio >= leastShare && ratio <= mostShare && options.budget >= quickBelow;
  if (!alike || !worthwhile || linear === undefined || members.every((one) => one !== linear && !isFitted(one)))
    return asItIs;
  const all: FitData = { ...data, train: joinedRows(data.train, data.validation) };
  const total = percent * members.length;
  options.onProgress?.({ fit: 'all rows', done: 0, total });
  options.signal.throwIfAborted();
  const base = await linearAgain(all, linear);
  options.signal.throwIfAborted();
  if (base?.best === undefined) return asItIs;
  // Who has seen what is shown and foretells it no better than before went wrong somewhere, and stays as it was.
  const isBetter = (one: Candidate, before: Candidate): boolean =>
    (one.best?.loss ?? Infinity) <= (before.best?.loss ?? 0);
  const again = new Map<Candidate, Candidate>(isBetter(base, linear) ? [[linear, base]] : []);
  for (const [at, member] of members.filter(isFitted).entries()) {
    const { fit } = member.extent;
    options.onProgress?.({ fit: 'all rows', done: percent * at, total });
    const onProgress: FitOptions['onProgress'] = ({ done, total: steps }) =>
      options.onProgress?.({ fit: 'all rows', done: Math.floor(percent * (at + done / Math.max(1, steps))), total });
    const one = await fittedMembers.get(fit)?.(all, { ...options, linear: base, onProgress }, member.extent);
    if (one !== undefined && isBetter(one, member)) again.set(member, one);
  }
  const share = data.train.rows / all.train.rows;
  // Of those that were fitted again the slope is what it comes to on more rows.
  const own = members.map((member) => {
    const { spec: ofMember, best } = again.get(member) ?? member;
    const slope = member.best?.calibration.slope ?? NaN;
    return { spec: ofMember, best, slope: again.has(member) ? slopeOnMore(slope, share) : slope };
  });
  const names = members.filter((one) => again.has(one)).map(({ name }) => name);
  const now = { ...blendCandidates(own, look.logits.length), again: names };
  // Of a blend the members' shares are brought along: what is beyond them makes up for the mean, which says less than each.
  if (names.length === 0 || members.length > 1) return { ...now, calibration };
  const middle = look.logits.reduce((sum, logit) => sum + logit, 0) / Math.max(1, look.logits.length);
  return { ...now, calibration: calibrationOnMore(calibration, share, middle) };
}

const percent = 100;
/** Validation rows to training rows: fewer teach too little for what it takes to read all rows again, and with more the calibration does not hold. */
const [leastShare, mostShare] = [0.02, 0.5] as const;

function isFitted(one: Candidate): one is FittedCandidate {
  return 'extent' in one;
}
