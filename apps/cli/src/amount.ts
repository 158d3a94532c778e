const sizes = ['B', 'kB', 'MB', 'GB', 'TB'];

/** What a figure of progress is of, for after it: `rows` after a count, `of 3.4 MB` after a percentage; '' where there is no figure. */
export function amountOf(done: number, total: number, unit: string): string {
  if (total > 0) return `of ${unit === 'bytes' ? sizeOf(total) : `${total.toLocaleString('en')} ${unit}`}`;
  return done > 0 ? unit : '';
}

/** Bytes for people: `3.4 MB`. */
export function sizeOf(bytes: number): string {
  const power = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${sizes[power] ?? ''}`;
}
