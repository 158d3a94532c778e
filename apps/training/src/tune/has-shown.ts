import type { TuningTrialRecord } from '@adstocrat/metadata';

/** Whether a trial has ended, and not by failing: it is not tried again, and others go by it. */
export function hasShown({ state }: Pick<TuningTrialRecord, 'state'>): boolean {
  return state === 'finished' || state === 'stopped';
}
