import type { Reject } from '@adstocrat/example-engine';

/** `rejects.csv` of a span: file,line,reason. A line of 0 is left empty: the file as a whole, or an image. */
export function rejectsCsv(rejects: readonly Reject[]): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `file,line,reason\n${rejects.map(({ file, line, reason }) => `${field(file)},${line > 0 ? line : ''},${field(reason)}\n`).join('')}`;
}
