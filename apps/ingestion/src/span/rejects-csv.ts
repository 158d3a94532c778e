import { recordOf, type Reject, shownRejects } from '@adstocrat/example-engine';

/** `rejects.csv` of a span, the first of what `rejects.parquet` holds. A line of 0 is left empty: the file as a whole, or an image. */
export function rejectsCsv(rejects: readonly Reject[]): string {
  const lines = rejects
    .slice(0, shownRejects)
    .map(({ file, line, column = '', reason, text = '' }) =>
      recordOf([file, line > 0 ? String(line) : '', reason, column, text], ','),
    );
  return `${['file,line,reason,column,text', ...lines].join('\n')}\n`;
}
