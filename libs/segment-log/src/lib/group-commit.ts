import { frameBytes, putFrame } from './frame.ts';

interface Append {
  readonly records: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const maxGroupBytes = 8 * 1024 * 1024;

/** Gathers appends, so that those which come in one turn of the event loop, or while a write is under way, share the next write. */
export class GroupCommit {
  readonly #gatherMs: number;
  readonly #write: (frames: Buffer, records: number, nowMs: number) => Promise<void>;
  #pending: Append[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;

  /** `gatherMs`: wall milliseconds that a first append waits for others; 0 for those of the same turn. */
  constructor(gatherMs: number, write: (frames: Buffer, records: number, nowMs: number) => Promise<void>) {
    this.#gatherMs = gatherMs;
    this.#write = write;
  }

  /** Bytes that wait in memory for a write to begin. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves, or rejects, with the write that the records were part of. */
  append(records: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const bytes = framesBytes(records);
      this.#pending.push({ records, bytes, resolve, reject });
      this.#pendingBytes += bytes;
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise((resolve) =>
      this.#gatherMs === 0 ? setImmediate(resolve) : setTimeout(resolve, this.#gatherMs),
    );
    while (this.#pending.length > 0) await this.#writeGroup(this.#nextGroup());
    this.#writing = undefined;
  }

  #nextGroup(): readonly Append[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#pending) {
      if (count > 0 && bytes + append.bytes > maxGroupBytes) break;
      bytes += append.bytes;
      count += 1;
    }
    this.#pendingBytes -= bytes;
    return this.#pending.splice(0, count);
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    try {
      const nowMs = Date.now();
      const frames = Buffer.allocUnsafe(group.reduce((sum, { bytes }) => sum + bytes, 0));
      let at = 0;
      let count = 0;
      for (const { records } of group) {
        for (const record of records) at = putFrame(frames, at, record, nowMs);
        count += records.length;
      }
      await this.#write(frames, count, nowMs);
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

/** Bytes that records take on disk. */
export function framesBytes(records: readonly Uint8Array[]): number {
  return records.reduce((sum, record) => sum + frameBytes(record), 0);
}
