import type { Task } from './task.ts';

/** Columns that training may read and no request gives: those known only once a row was shown, and the rows' weight. */
export function columnsKnownLater({ knownLater = {}, weight }: Pick<Task, 'knownLater' | 'weight'>): readonly string[] {
  return [...Object.keys(knownLater), ...(weight === undefined ? [] : [weight])];
}
