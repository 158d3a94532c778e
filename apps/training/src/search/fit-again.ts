import { blendModels, type BlendPart, type Calibration, type ModelSpec, type Weights } from '@adstocrat/models';
import { recalibrated, slopeOnMore } from '../calibration/recalibrate.ts';
import { joinedRows } from '../data/joined-rows.ts';
import type { Candidate } from './candidate.ts';
import type { Choice } from './choose.ts';
import { type FitOptions, type FittedCandidate, fittedMembers } from './fitted-members.ts';
import { linearAgain, type LinearCandidate } from './linear-candidate.ts';
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
 * or with columns that a server fixes; and where they are few to the training rows. Throws `signal.reason` when aborted.
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
  const many = data.validation.rows >= leastShare * data.train.rows;
  if (!alike || !many || linear === undefined || members.every((one) => one !== linear && !isFitted(one)))
    return asItIs;
  const all: FitData = { ...data, train: joinedRows(data.train, data.validation) };
  const base = await linearAgain(all, linear);
  if (base?.best === undefined) return asItIs;
  const again = new Map<Candidate, Candidate>([[linear, base]]);
  for (const [at, member] of members.filter(isFitted).entries()) {
    const { fit } = member.extent;
    const total = percent * members.length;
    options.onProgress?.({ fit: 'all rows', done: percent * at, total });
    const onProgress: FitOptions['onProgress'] = ({ done, total: steps }) =>
      options.onProgress?.({ fit: 'all rows', done: Math.floor(percent * (at + done / Math.max(1, steps))), total });
    const one = await fittedMembers.get(fit)?.(all, { ...options, linear: base, onProgress }, member.extent);
    if (one !== undefined) again.set(member, one);
  }
  const share = data.train.rows / all.train.rows;
  const now = served(members, again, share, look.logits.length);
  return { ...now, calibration: recalibrated(calibration, share, now.logits, data.validation.labels) };
}

const percent = 100;
/** Validation rows to training rows, below which they teach too little for what it takes to read all rows again. */
const leastShare = 0.02;

function isFitted(one: Candidate): one is FittedCandidate {
  return 'extent' in one;
}

/** Each member's share is what it was: the slope of its calibration, of as many as there are. Of one that was fitted again the slope is nearer to 1, see `recalibrated`. */
function served(
  members: readonly Candidate[],
  again: ReadonlyMap<Candidate, Candidate>,
  share: number,
  rows: number,
): Omit<ServedModel, 'calibration'> {
  const logits = new Float32Array(rows);
  const parts: BlendPart[] = [];
  for (const member of members) {
    const now = again.get(member) ?? member;
    if (member.best === undefined || now.best === undefined) continue;
    const { slope } = member.best.calibration;
    const counts = members.length === 1 ? 1 : (now === member ? slope : slopeOnMore(slope, share)) / members.length;
    parts.push({ spec: now.spec, weights: now.best.weights, share: counts });
    for (let row = 0; row < rows; row += 1) logits[row]! += counts * now.best.logits[row]!;
  }
  const names = members.filter((one) => again.has(one)).map(({ name }) => name);
  return { ...blendModels(parts), logits, again: names };
}
