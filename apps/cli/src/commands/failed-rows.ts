import type { FailureReason } from '@adstocrat/examples';

const shown = 3;

/** For people: `12 failed: too few fields (10, first at rows.csv:7), …`; empty where none did. */
export function failedSentence(failed: number, reasons: readonly FailureReason[]): string {
  if (failed === 0) return '';
  const named = reasons.slice(0, shown).map(({ reason, rows, file, line, example }) => {
    const place = line === 0 ? file : `${file}:${line}`;
    const first = `${rows === 1 ? 'at' : example === undefined ? 'first at' : `first ${example} at`} ${place}`;
    return `${reason} (${rows.toLocaleString('en')}, ${first})`;
  });
  const more = failed - reasons.slice(0, shown).reduce((sum, { rows }) => sum + rows, 0);
  const rest = more > 0 ? [`${more.toLocaleString('en')} for other reasons`] : [];
  return `; ${failed.toLocaleString('en')} failed: ${[...named, ...rest].join(', ')}`;
}
