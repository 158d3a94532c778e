import type { Part } from './part.ts';

/** What is kept of a run at one moment. */
export interface Snapshot {
  /** What it is a snapshot of: one of other inputs is of no use. */
  readonly about: string;
  /** JSON. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** By name. One whose revision was kept before is not written again. */
  readonly parts: ReadonlyMap<string, SnapshotPart>;
}

export interface SnapshotPart {
  readonly revision: string;
  readonly make: () => Part;
}

/** A snapshot that was kept. */
export interface Recalled {
  readonly facts: Snapshot['facts'];
  readonly parts: ReadonlyMap<string, Part>;
}

/** Where a run keeps what it has come to, so that an attempt after a kill goes on from there. */
export interface RunMemory {
  /** The newest snapshot about this that is whole; undefined where there is none. */
  recall(about: string): Promise<Recalled | undefined>;
  /** Keeps a snapshot where one is due, see `CheckpointPace`. Never throws: a run goes on without. */
  keep(snapshot: () => Snapshot, milestone: boolean): Promise<void>;
}

/** For a run that begins anew whenever it is killed. */
export const forgetful: RunMemory = {
  recall: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(),
};
