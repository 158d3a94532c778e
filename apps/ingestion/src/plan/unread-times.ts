import type { ColumnFacts } from '@adstocrat/statistics';

const month = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const clock = '([ T_:,-]+\\d{1,2}[:.]?\\d{2}.*)?';

/** Times as people and tools write them that `readTime` does not read. */
const unread = [
  // Servers of the web: [13/Sep/2026:00:17:00 +0000]; workbooks: 13-Sep-26.
  new RegExp(`^\\[?\\d{1,2}[ /.-]${month}[ /.,-]+\\d{2,4}${clock}\\]?$`, 'i'),
  // Sep 13, 2026, 12:17 AM · Sun Sep 13 00:17:00 UTC 2026
  new RegExp(`^([a-z]{3,9},? )?${month}\\.? \\d{1,2}(,? \\d{4}${clock}| \\d{2}:\\d{2}.*)$`, 'i'),
  // 2026/09/13 00:17 · 2026.09.13
  new RegExp(`^\\d{4}[/.]\\d{1,2}[/.]\\d{1,2}${clock}$`),
  // 13-09-2026 00:17 · 13/09/26 · 13.09.26
  new RegExp(`^\\d{1,2}-\\d{1,2}-\\d{4}${clock}$`),
  new RegExp(`^\\d{1,2}([/.])\\d{1,2}\\1\\d{2}${clock}$`),
  // 20260913T001700Z
  /^\d{8}[T_ -]\d{4,6}(\.\d+)?Z?$/,
  // Months, quarters and weeks: 2026-09 · 2026/09 · Sep 2026 · 2026-Q3 · Q3 2026 · 2026-W37
  /^\d{4}[/-](0[1-9]|1[0-2])$/,
  new RegExp(`^${month}[ .-]+\\d{4}$`, 'i'),
  /^(\d{4}[ -]?Q[1-4]|Q[1-4][ /-]?\d{4}|\d{4}-?W\d{2})$/i,
];

/** Share of a column's cells that are no values of another kind. */
export const mostly = 0.9;

/** A cell of a column that seems to hold times which nothing here reads; undefined where it holds something else. */
export function unreadTime({
  rows,
  cells,
  examples,
}: Pick<ColumnFacts, 'rows' | 'cells' | 'examples'>): string | undefined {
  const { text, written } = cells;
  if (text + written < mostly * (rows - cells.empty - cells.word)) return undefined;
  return [examples.text, examples.written].find(
    (one) => one !== undefined && unread.some((form) => form.test(one.trim())),
  );
}
