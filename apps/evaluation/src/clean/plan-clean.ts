import type { VersionRecord } from '@adstocrat/metadata';

/** What is kept of each model, whoever needs it. */
export interface Keeping {
  /** Newest versions, by number. */
  readonly versions: number;
  /** Wall days from when a version was over. */
  readonly days: number;
  /** Wall milliseconds from then in which a prediction that it made may be asked after: they are kept whatever `days` says. */
  readonly replayMs: number;
}

/** A version that is beyond what is kept. */
export interface JudgedVersion {
  readonly record: VersionRecord;
  /** Why its files go, or who needs them. */
  readonly why: string;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * Of which of a model's versions the files go: those that were over for longer than is kept; never one of the newest, never one that is
 * `needed`, by its number. Those that would go and are needed stay. Those whose files are gone count among the newest and are in neither
 * answer. Versions in any order, both answers oldest first.
 */
export function planClean(
  versions: readonly VersionRecord[],
  needed: ReadonlyMap<number, string>,
  keeping: Keeping,
  nowMs: number,
): { readonly going: readonly JudgedVersion[]; readonly staying: readonly JudgedVersion[] } {
  const inOrder = versions.toSorted((a, b) => a.version - b.version);
  const [going, staying]: [JudgedVersion[], JudgedVersion[]] = [[], []];
  for (const record of inOrder.slice(0, Math.max(0, inOrder.length - keeping.versions))) {
    const overMs = nowMs - record.updatedAtMs;
    const days = Math.floor(overMs / dayMs);
    if (record.removedAtMs !== undefined || !(days > keeping.days)) continue;
    const by = needed.get(record.version) ?? replayable(overMs, keeping.replayMs);
    if (by !== undefined) staying.push({ record, why: by });
    else
      going.push({ record, why: `${record.state.replaceAll('_', ' ')} ${days} days ago, more than ${keeping.days}` });
  }
  return { going, staying };
}

function replayable(overMs: number, replayMs: number): string | undefined {
  if (overMs >= replayMs) return undefined;
  if (replayMs === Infinity) return 'there is a task that cannot be read: how long predictions are kept is not known';
  return `its predictions may be asked after for ${Math.ceil((replayMs - overMs) / hourMs)} hours more`;
}
