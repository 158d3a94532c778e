/** Rows that failed in one way, with the place of the first: of a whole file line 0. */
export interface FailedRows {
  readonly reason: string;
  readonly rows: number;
  readonly file: string;
  readonly line: number;
}

const shown = 3;

/** For people: `12 failed: too few fields (10, first at rows.csv:7), …`; empty where none did. */
export function failedSentence(failed: number, reasons: readonly FailedRows[]): string {
  if (failed === 0) return '';
  const named = reasons.slice(0, shown).map(({ reason, rows, file, line }) => {
    const place = line === 0 ? file : `${file}:${line}`;
    return `${reason} (${rows.toLocaleString('en')}, ${rows === 1 ? 'at' : 'first at'} ${place})`;
  });
  const more = failed - reasons.slice(0, shown).reduce((sum, { rows }) => sum + rows, 0);
  const rest = more > 0 ? [`${more.toLocaleString('en')} for other reasons`] : [];
  return `; ${failed.toLocaleString('en')} failed: ${[...named, ...rest].join(', ')}`;
}
