import type { ColumnStatistics } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';
import { isNamedAsTime } from './named-as-time.ts';

/** What workbooks call the 1st of January 1970, who count days from the end of 1899. */
const epochDay = 25_569;
/** The years 2000 to 2099. */
const [firstDay, lastDay] = [36_526, 73_051];
const dayMs = 86_400_000;

/**
 * Columns named as times whose numbers all are days of this century as workbooks count them, a finding each: exported so they are no time to
 * anything here. Not those of which the task says what they are, and not personal ones.
 */
export function serialDates(
  columns: readonly ColumnStatistics[],
  { features, personal }: Pick<Task, 'features' | 'personal'>,
): readonly string[] {
  return columns.flatMap(({ name, numeric }) => {
    if (numeric === undefined || Object.hasOwn(features, name) || Object.hasOwn(personal, name)) return [];
    const { min, max } = numeric;
    if (!(min >= firstDay && max < lastDay && min < max && isNamedAsTime(name))) return [];
    return [
      `${name}: all values lie between ${min} and ${max}, as days do in workbooks (${dateOf(min)} to ${dateOf(max)}), and are taken as numbers, not as times: write them as 2026-01-31 (or task.yaml: features: {${name}: numeric})`,
    ];
  });
}

function dateOf(serial: number): string {
  return new Date((Math.floor(serial) - epochDay) * dayMs).toISOString().slice(0, 10);
}
