/** What is guessed of the data where a task says nothing of it. */
export const guessedRoles = ['id', 'eventTime', 'unit', 'item', 'image'] as const;
export type GuessedRole = (typeof guessedRoles)[number];

/**
 * A task as written, where a role that is `none` (or null) is left out and named under `notGuessed` instead: there is none, and the data
 * is not asked for one.
 */
export function withoutNone(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const task = given as Readonly<Record<string, unknown>>;
  const none = guessedRoles.filter((role) => task[role] === null || task[role] === 'none');
  if (none.length === 0) return given;
  const kept = Object.entries(task).filter(([key]) => !(none as readonly string[]).includes(key));
  const { notGuessed } = task;
  const named: readonly unknown[] = Array.isArray(notGuessed) ? notGuessed : [];
  return { ...Object.fromEntries(kept), notGuessed: [...new Set([...named, ...none])] };
}

/** Whether the task leaves the role to be guessed. */
export function isGuessed(
  task: Readonly<Partial<Record<GuessedRole, unknown>>> & { readonly notGuessed?: readonly GuessedRole[] | undefined },
  role: GuessedRole,
): boolean {
  return task[role] === undefined && task.notGuessed?.includes(role) !== true;
}
