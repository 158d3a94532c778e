/** Of rows that have a score. */
export function scoreLines(ids: readonly string[], scores: ArrayLike<number | string>): string {
  return ids
    .map((id, row) => (typeof scores[row] === 'string' ? '' : `${csvField(id)},${String(scores[row])}\n`))
    .join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
