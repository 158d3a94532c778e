import type { VersionRecord } from './records.ts';

/** For people, that a version's files were removed: `its files were removed on 2026-01-31`. Undefined while they are there. */
export function removalOf({ removedAtMs }: Pick<VersionRecord, 'removedAtMs'>): string | undefined {
  if (removedAtMs === undefined) return undefined;
  return `its files were removed on ${new Date(removedAtMs).toISOString().slice(0, 10)}`;
}
