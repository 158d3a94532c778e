import { frameBytes, putFrame } from './frame.ts';

interface Append {
  readonly records: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const maxGroupBytes = 8 * 1024 * 1024;

/** Writes frames; returns nothing where that is done on the spot. */
export type WriteFrames = (frames: Buffer, records: number, nowMs: number) => Promise<void> | undefined;

/** Gathers appends, so that those which come in one turn of the event loop, or while a write is under way, share the next write. */
export class GroupCommit {
  readonly #gatherMs: number;
  readonly #write: WriteFrames;
  #pending: Append[] = [];
  #pendingBytes = 0;
  #scheduled = false;
  #whenIdle: (() => void)[] = [];

  /** `gatherMs`: wall milliseconds that a first append waits for others; 0 for those of the same turn. */
  constructor(gatherMs: number, write: WriteFrames) {
    this.#gatherMs = gatherMs;
    this.#write = write;
  }

  /** Bytes in memory of what no write has ended with. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves, or rejects, with the write that the records, of so many bytes on disk, were part of. */
  append(records: readonly Uint8Array[], bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ records, bytes, resolve, reject });
      this.#pendingBytes += bytes;
      if (this.#scheduled) return;
      this.#scheduled = true;
      const write = (): void => void this.#writeAll();
      if (this.#gatherMs === 0) setImmediate(write);
      else setTimeout(write, this.#gatherMs);
    });
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    if (this.#scheduled) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const writing = this.#writeGroup(this.#nextGroup());
      if (writing !== undefined) await writing;
    }
    this.#scheduled = false;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #nextGroup(): readonly Append[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#pending) {
      if (count > 0 && bytes + append.bytes > maxGroupBytes) break;
      bytes += append.bytes;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  #writeGroup(group: readonly Append[]): Promise<void> | undefined {
    const nowMs = Date.now();
    const bytes = group.reduce((sum, append) => sum + append.bytes, 0);
    const frames = Buffer.allocUnsafe(bytes);
    let at = 0;
    let count = 0;
    for (const { records } of group) {
      for (const record of records) at = putFrame(frames, at, record, nowMs);
      count += records.length;
    }
    const written = (): void => {
      this.#pendingBytes -= bytes;
      for (const { resolve } of group) resolve();
    };
    const writing = this.#write(frames, count, nowMs);
    if (writing === undefined) {
      written();
      return undefined;
    }
    return writing.then(written, (error: unknown) => {
      this.#pendingBytes -= bytes;
      for (const { reject } of group) reject(error);
    });
  }
}

/** Bytes that records take on disk. */
export function framesBytes(records: readonly Uint8Array[]): number {
  return records.reduce((sum, record) => sum + frameBytes(record), 0);
}
