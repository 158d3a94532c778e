import type { Recalled, Snapshot, SnapshotPart } from '../checkpoint/snapshot.ts';
import { type FittedCandidate, fittedOfPart, partOfFitted } from './fitted-members.ts';
import { type LinearCandidate, linearOf } from './linear-candidate.ts';
import type { Trial, TrialState } from './trial.ts';
import type { TrialData } from './trial-data.ts';
import { partOfTrial, trialOfPart } from './trial-part.ts';

/** Where a search stands between two steps. */
export interface SearchPosition {
  readonly phase: number;
  /** Positions of the trials that train in this phase. */
  readonly kept: readonly number[];
  /** Steps of all trials so far. */
  readonly steps: number;
  /** Models that are fitted at once, of which the fit is done, whatever came of it. */
  readonly fits: number;
}

/** What a search has come to. */
export interface SearchMembers {
  readonly linear: LinearCandidate | undefined;
  readonly fitted: readonly FittedCandidate[];
  readonly trials: readonly Trial[];
}

/** What a search goes on from. Trials that had not begun are undefined. */
export interface RecalledSearch extends SearchPosition {
  readonly linear: LinearCandidate | undefined;
  readonly fitted: readonly FittedCandidate[];
  readonly trials: readonly (TrialState | undefined)[];
}

export function snapshotOf(
  about: string,
  position: SearchPosition,
  { linear, fitted, trials }: SearchMembers,
): Snapshot {
  const parts = new Map<string, SnapshotPart>();
  if (linear?.best !== undefined) {
    const { l2, best } = linear;
    const arrays = new Map([['logits', best.logits], ...best.weights]);
    parts.set('linear', { revision: `prior ${l2}`, make: () => ({ facts: { l2 }, arrays }) });
  }
  for (const [index, one] of fitted.entries())
    parts.set(`fitted-${index}`, { revision: one.name, make: () => partOfFitted(one) });
  for (const [index, trial] of trials.entries()) {
    if (trial.step === 0) continue;
    const revision = `${trial.step} steps, ${trial.stretches} stretches${trial.goesOn ? '' : ', ended'}`;
    parts.set(`trial-${index}`, { revision, make: () => partOfTrial(trial.state()) });
  }
  return { about, facts: { ...position, fitted: fitted.length, trials: trials.length }, parts };
}

/** What was kept, with a look at the validation rows by each model. Yields to the event loop meanwhile. */
export async function recalledSearch({ facts, parts }: Recalled, data: TrialData): Promise<RecalledSearch> {
  const { fitted, trials, ...position } = facts as unknown as SearchPosition & Record<'fitted' | 'trials', number>;
  const linear = parts.get('linear');
  const members: FittedCandidate[] = [];
  for (let index = 0; index < fitted; index += 1) {
    const part = parts.get(`fitted-${index}`);
    if (part === undefined) throw new Error(`the checkpoint has no fitted-${index}`);
    members.push(fittedOfPart(part, data));
    await new Promise(setImmediate);
  }
  return {
    ...position,
    linear: linear && linearOf(data, linear.facts['l2'] as number, linear.arrays),
    fitted: members,
    trials: Array.from({ length: trials }, (_, index) => {
      const part = parts.get(`trial-${index}`);
      return part && trialOfPart(part);
    }),
  };
}
