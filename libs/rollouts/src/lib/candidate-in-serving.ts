/** What serving says about a candidate. */
export type CandidateInServing =
  /** Every instance that counts has it. `passedOver`: what is unreachable for so long that it is not waited for. */
  | { readonly state: 'available'; readonly passedOver: readonly string[] }
  /** Not there yet: unknown, start or loading. */
  | { readonly state: 'loading'; readonly reason: string }
  /** It ended with an error: it will not come up. */
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'unreachable'; readonly reason: string };

/** One serving instance's answer. */
export interface InstanceAnswer {
  /** Its address. */
  readonly instance: string;
  readonly state: CandidateInServing['state'];
  /** What it said, or why it could not be asked. Empty where there is nothing to say. */
  readonly reason: string;
  /** How long it is unreachable without a break, wall milliseconds. 0 where it answers. */
  readonly unreachableMs: number;
}

/**
 * What several serving instances say together. Closed: the worst answer counts.
 *
 * - one failed to load the candidate: failed
 * - one that answers has yet to load it: loading
 * - one is unreachable for less than `patienceMs`, or none answers: unreachable
 * - else available: what is away for longer serves nobody, and takes the deployment in force when it comes back
 */
export function togetherInServing(answers: readonly InstanceAnswer[], patienceMs: number): CandidateInServing {
  if (answers.length === 0) throw new RangeError('a rollout needs at least one serving instance to ask');
  const of = (state: CandidateInServing['state']): readonly InstanceAnswer[] =>
    answers.filter((answer) => answer.state === state);
  const failed = of('failed');
  if (failed.length > 0) return { state: 'failed', reason: said(failed) };
  const loading = of('loading');
  if (loading.length > 0) return { state: 'loading', reason: said(loading) };
  const away = of('unreachable');
  const waitedFor = away.length === answers.length ? away : away.filter((one) => one.unreachableMs < patienceMs);
  if (waitedFor.length > 0) return { state: 'unreachable', reason: said(waitedFor) };
  return { state: 'available', passedOver: away.map(({ instance }) => instance) };
}

function said(answers: readonly InstanceAnswer[]): string {
  return answers.map(({ instance, reason }) => (reason === '' ? instance : `${instance}: ${reason}`)).join('; ');
}
