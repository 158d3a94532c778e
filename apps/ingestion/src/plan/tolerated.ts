import { BadData, type Rejects } from '@adstocrat/example-engine';
import { parseShare, toleratedByDefault } from '@adstocrat/tasks';
import { count } from './span-facts.ts';

/** Reasons that a refusal names. */
const shown = 10;

/**
 * Throws {@link BadData} where more rows were set aside than are tolerated (one always is), with the reasons, the most frequent first,
 * each with the first row it is true of.
 */
export function checkTolerated(
  what: string,
  loaded: number,
  rejects: readonly Rejects[],
  tolerate: string = toleratedByDefault,
): void {
  const aside = rejects.reduce((sum, { rows }) => sum + rows, 0);
  const rows = loaded + aside;
  if (loaded > 0 && aside <= Math.max(1, Math.floor(parseShare(tolerate) * rows))) return;
  const reasons = rejects.flatMap((one) => one.reasons).toSorted((a, b) => b.rows - a.rows);
  const lines = reasons.slice(0, shown).map(({ reason, rows: with_, first }) => {
    const { file, line, column, text } = first;
    const where = `${file}:${line}${column === undefined ? '' : `, column "${column}"`}`;
    return `  ${count(with_)} rows: ${reason}; the first: ${where}${text === undefined ? '' : `: ${text.slice(0, 80)}`}`;
  });
  const more = reasons.length > shown ? [`  and ${reasons.length - shown} other reasons`] : [];
  throw new BadData(
    [
      `${count(aside)} of ${count(rows)} rows of ${what} must be set aside, more than the ${tolerate} that data.tolerate allows`,
      ...lines,
      ...more,
    ].join('\n'),
  );
}
