const sizes = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: `3.4 MB`. */
export function sizeOf(bytes: number): string {
  const power = Math.min(sizes.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${sizes[power] ?? ''}`;
}
