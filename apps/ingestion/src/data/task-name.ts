/** Name of a task: the one asked for, or the last part of the data's URI, as letters, digits and hyphens. */
export function taskName(asked: string, dataUri: string): string {
  const last = dataUri.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const name = (asked !== '' ? asked : last.replace(/\.csv(\.gz)?$/i, ''))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'clicks' : name;
}
