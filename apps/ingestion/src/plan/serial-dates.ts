import type { ColumnStatistics } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';

/** What workbooks call the 1st of January 1970, who count days from the end of 1899. */
const epochDay = 25_569;
/** The years 2000 to 2099. */
const [firstDay, lastDay] = [36_526, 73_051];
const dayMs = 86_400_000;

/** A column's last word where it is a time. */
const timeWords = /^(date|datetime|time|timestamp|day|dt)$/i;
/** A count or a share a day is none. */
const perWords = /^(per|a|each|every|by|of)$/i;
/** Two last words that say it too, the first of what was done: `created_at`, `shipped_on`, but not `amount_spent_on`. */
const whenDone =
  /^(added|bought|changed|clicked|closed|created|deleted|ended|inserted|joined|logged|modified|opened|ordered|paid|placed|posted|published|received|registered|seen|sent|served|shipped|shown|signed|started|updated|viewed) (at|on)$/i;

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

function isNamedAsTime(name: string): boolean {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').split(/[^A-Za-z]+/);
  const [before = '', last = ''] = words.length > 1 ? words.slice(-2) : ['', ...words];
  return (timeWords.test(last) && !perWords.test(before)) || whenDone.test(`${before} ${last}`);
}

function dateOf(serial: number): string {
  return new Date((Math.floor(serial) - epochDay) * dayMs).toISOString().slice(0, 10);
}
