import { tableEnding } from './table-file.ts';

/** Name of a task: the one asked for, or the last part of the data's URI, as letters, digits and hyphens. */
export function taskName(asked: string, dataUri: string): string {
  const last = dataUri.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const name = (asked !== '' ? asked : last.slice(0, last.length - tableEnding(last).length))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'clicks' : name;
}
