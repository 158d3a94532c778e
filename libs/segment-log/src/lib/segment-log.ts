import { mkdir } from 'node:fs/promises';
import { Backlog } from './backlog.ts';
import { maxRecordBytes } from './frame.ts';
import { framesBytes, GroupCommit } from './group-commit.ts';
import type { Position } from './kept-position.ts';
import type { Segment } from './segment.ts';
import { type ReadRecords, SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

export interface SegmentLogOptions {
  /** Made where absent, its owner's alone. One log, in one process, may have it. */
  readonly folder: string;
  /** Most bytes on disk. */
  readonly maxBytes: number;
  /** Wall milliseconds that a record is kept for its reader. */
  readonly maxAgeMs: number;
  /** What an append to a full log does: rejects with {@link LogFull}, or makes room by dropping the oldest records. */
  readonly whenFull: 'refuse' | 'drop-oldest';
  /** Wall milliseconds that a write waits for others to share it. Default: 0, those of the same turn of the event loop. */
  readonly gatherMs?: number;
  /** Wall milliseconds that a record lies on disk after its reader is done with it, about. Default: a minute. */
  readonly doneMs?: number;
  /** Told what an operator must know, once a cause. */
  readonly onEvent?: (event: SegmentLogEvent) => void;
}

export type SegmentLogEvent =
  | { readonly kind: 'dropped'; readonly records: number; readonly why: 'full' | 'old' }
  | { readonly kind: 'damaged'; readonly bytes: number; readonly segment: string }
  | { readonly kind: 'unwritable'; readonly error: Error }
  | { readonly kind: 'writable' };

/** Records on their way to the reader. */
export interface Batch extends ReadRecords {
  /** For {@link SegmentLog.advance}. */
  readonly next: Position;
}

export interface SegmentLogState {
  /** What the reader has yet to take. */
  readonly waitingRecords: number;
  readonly waitingBytes: number;
  /** Wall time of the oldest record in the reader's hands, Unix milliseconds; undefined where it has none. */
  readonly oldestReadMs: number | undefined;
  /** Records that were dropped unread since the start. */
  readonly droppedRecords: number;
  /** Why an append fails now; undefined where none does. */
  readonly fault: Error | undefined;
}

/** The log holds as much as it may. */
export class LogFull extends Error {
  override readonly name = 'LogFull';
}

const largestSegmentBytes = 16 * 1024 * 1024;
/** Most bytes in memory of appends that the disk has not taken: what comes on top is refused. */
const maxPendingBytes = 64 * 1024 * 1024;
const upkeepMs = 1000;
const defaultDoneMs = 60_000;

/**
 * An append-only log of records on this machine's disk, for one writer and one reader in one process. An append resolves once the
 * operating system has its records, so that they survive the process; within about a second the disk has them, so that they survive
 * the machine. The reader's position is kept: what it has not taken is there after a restart, at least once. Whole segments are
 * deleted behind it.
 */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  readonly #segmentBytes: number;
  readonly #backlog: Backlog;
  readonly #commit: GroupCommit;
  #writer: SegmentWriter;
  readonly #reader = new SegmentReader();
  /** What uses the writer or puts another in its place, one after the other. */
  #exclusive: Promise<void> = Promise.resolve();
  #alones = 0;
  /** Syncs and closes, off the way of writes. */
  #syncing: Promise<void> = Promise.resolve();
  #fault: Error | undefined;
  #full: LogFull | undefined;
  #droppedRecords = 0;
  #oldestReadMs: number | undefined;
  #news: () => void = () => undefined;
  #upkeep: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: SegmentLogOptions, backlog: Backlog, writer: SegmentWriter) {
    this.#options = options;
    this.#backlog = backlog;
    this.#writer = writer;
    this.#segmentBytes = Math.min(largestSegmentBytes, Math.ceil(options.maxBytes / 8));
    this.#commit = new GroupCommit(options.gatherMs ?? 0, (frames, records, nowMs) =>
      this.#writeNow(frames, records, nowMs) ? undefined : this.#alone(() => this.#write(frames, records, nowMs)),
    );
    this.#careForIt();
  }

  /** Reads through what is there: about a second a GiB. A write that was cut off is left out, and said. */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const { folder, onEvent } = options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const backlog = await Backlog.open(folder, (bytes, segment) => onEvent?.({ kind: 'damaged', bytes, segment }));
    const writer = await SegmentWriter.begin(folder, backlog.newest + 1);
    backlog.add(writer.segment);
    return new SegmentLog(options, backlog, writer);
  }

  get state(): SegmentLogState {
    return {
      waitingRecords: this.#backlog.waitingRecords,
      waitingBytes: this.#backlog.bytes - this.#backlog.offset,
      oldestReadMs: this.#oldestReadMs,
      droppedRecords: this.#droppedRecords,
      fault: this.#fault ?? this.#full,
    };
  }

  /**
   * Resolves once the operating system has all of the records. Rejects with {@link LogFull}, or with the error of the disk: none of
   * them is in the log then. A record has 1 byte to 64 MiB: else a `RangeError`.
   */
  async append(records: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) throw new Error('the log was closed');
    if (records.length === 0) return;
    const wrong = records.find(({ length }) => length === 0 || length > maxRecordBytes);
    if (wrong !== undefined)
      throw new RangeError(`a record must have 1 to ${maxRecordBytes} bytes, got ${wrong.length}`);
    const bytes = framesBytes(records);
    this.#admit(bytes);
    await this.#commit.append(records, bytes);
  }

  /** The next records, oldest first; undefined where there are none. Moves nothing. Only the log's one reader calls it. */
  async read(maxRecords: number): Promise<Batch | undefined> {
    for (let segment = this.#backlog.oldest; segment !== undefined; segment = this.#backlog.oldest) {
      const { offset } = this.#backlog;
      if (offset < segment.bytes) {
        const batch = await this.#readFrom(segment, offset, maxRecords);
        if (batch !== undefined) return batch;
      } else if (segment === this.#writer.segment && this.#full === undefined) return undefined;
      // Read to its end, or dropped meanwhile, or damaged from here on.
      const readable = Math.max(offset, segment.bytes);
      await this.#alone(() => (segment === this.#writer.segment ? this.#roll() : Promise.resolve()));
      // What was written to it while this waited is read first.
      if (this.#backlog.oldest === segment && segment.bytes === readable) await this.#deleteOldest();
    }
    return undefined;
  }

  /** Resolves once something waits to be read, or a full log waits for what was read to be deleted, and when the signal aborts. */
  async waitForNews(signal: AbortSignal): Promise<void> {
    if (this.#backlog.waitingRecords > 0 || this.#full !== undefined || signal.aborted || this.#closed) return;
    await new Promise<void>((resolve) => {
      const heard = (): void => {
        signal.removeEventListener('abort', heard);
        resolve();
      };
      this.#news = heard;
      signal.addEventListener('abort', heard);
    });
  }

  /** The reader is done with a batch: a restart goes on behind it. */
  async advance({ next, records }: Batch): Promise<void> {
    this.#oldestReadMs = undefined;
    await this.#backlog.advance(next, records.length);
  }

  /** Writes what was appended, brings it to the disk, and ends. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#upkeep);
    this.#news();
    await this.#commit.idle();
    await this.#exclusive;
    await this.#syncing;
    await this.#reader.close();
    await this.#writer.close();
    await this.#backlog.close();
  }

  /** Throws where an append of so many bytes must be refused. */
  #admit(bytes: number): void {
    const { maxBytes, whenFull } = this.#options;
    const { pendingBytes } = this.#commit;
    if (pendingBytes > 0 && pendingBytes + bytes > maxPendingBytes)
      throw new LogFull(`the disk does not keep up: ${pendingBytes} bytes wait to be written`);
    if (bytes > maxBytes) throw new LogFull(`${bytes} bytes are more than the log may ever hold, ${maxBytes}`);
    const wanted = this.#backlog.bytes + pendingBytes + bytes;
    if (whenFull === 'drop-oldest' || wanted <= maxBytes) return;
    this.#full = new LogFull(`the log may hold ${maxBytes} bytes, with these it would hold ${wanted}`);
    this.#news();
    throw this.#full;
  }

  /** Writes on the spot where nothing stands in the way; false, with nothing written, elsewhere. */
  #writeNow(frames: Buffer, records: number, nowMs: number): boolean {
    if (this.#alones > 0 || this.#fault !== undefined || this.#writer.segment.bytes >= this.#segmentBytes) return false;
    if (this.#backlog.bytes + frames.length > this.#options.maxBytes) return false;
    if (!this.#writer.writeNow(frames, records, nowMs)) return false;
    this.#wrote(frames, records);
    return true;
  }

  async #write(frames: Buffer, records: number, nowMs: number): Promise<void> {
    try {
      if (this.#writer.spoilt || this.#writer.segment.bytes >= this.#segmentBytes) await this.#roll();
      const { maxBytes, whenFull } = this.#options;
      // Where it refuses, nothing was admitted that does not fit.
      while (
        whenFull === 'drop-oldest' &&
        this.#backlog.bytes + frames.length > maxBytes &&
        (await this.#drop('full'))
      );
      await this.#writer.write(frames, records, nowMs);
    } catch (error) {
      this.#failing(error as Error);
      throw error;
    }
    this.#wrote(frames, records);
    this.#fine();
  }

  #wrote(frames: Buffer, records: number): void {
    this.#backlog.wrote(frames.length, records);
    this.#news();
  }

  async #readFrom(segment: Segment, offset: number, maxRecords: number): Promise<Batch | undefined> {
    try {
      const read = await this.#reader.read(segment.path, { offset, size: segment.bytes, maxRecords });
      if (read.records.length > 0) {
        this.#oldestReadMs = read.firstMs;
        return { ...read, next: { segment: segment.number, offset: read.end } };
      }
      this.#options.onEvent?.({ kind: 'damaged', bytes: segment.bytes - offset, segment: segment.path });
    } catch (error) {
      // It was dropped meanwhile, to make room.
      if (this.#backlog.oldest === segment) throw error;
    }
    return undefined;
  }

  /** Drops the records of the oldest segment; false where there are none. */
  async #drop(why: 'full' | 'old'): Promise<boolean> {
    const oldest = this.#backlog.oldest;
    if (oldest === undefined || oldest.bytes === 0) return false;
    if (oldest === this.#writer.segment) await this.#roll();
    // The reader may have been done with it meanwhile.
    if (this.#backlog.oldest !== oldest) return true;
    const records = this.#backlog.unreadOfOldest;
    const deleted = this.#deleteOldest();
    // In the turn in which they wait no longer: no state shows records that neither wait nor were dropped.
    this.#droppedRecords += records;
    if (records > 0) this.#options.onEvent?.({ kind: 'dropped', records, why });
    await deleted;
    return true;
  }

  /** Goes on in a new segment. */
  async #roll(): Promise<void> {
    const old = this.#writer;
    this.#writer = await SegmentWriter.begin(this.#options.folder, old.segment.number + 1);
    this.#backlog.add(this.#writer.segment);
    this.#syncing = this.#syncing.then(() => old.close()).catch((error: unknown) => this.#failing(error as Error));
  }

  /** Records may be about people: what the reader is done with goes, however few others come. */
  async #deleteDone(): Promise<void> {
    const { doneMs = defaultDoneMs } = this.#options;
    const written = this.#writer.segment;
    if (this.#backlog.oldest === written && this.#backlog.offset > 0 && written.firstMs < Date.now() - doneMs)
      await this.#roll();
    const { oldest } = this.#backlog;
    if (oldest !== this.#writer.segment && oldest !== undefined && this.#backlog.unreadOfOldest === 0)
      await this.#deleteOldest();
  }

  async #deleteOldest(): Promise<void> {
    this.#full = undefined;
    await this.#backlog.removeOldest();
  }

  #alone(work: () => Promise<void>): Promise<void> {
    this.#alones += 1;
    const done = this.#exclusive.then(work).finally(() => {
      this.#alones -= 1;
    });
    this.#exclusive = done.catch(() => undefined);
    return done;
  }

  /** Every second: brings what was written to the disk, drops what is too old, looks whether a disk that failed takes bytes again. */
  #careForIt(): void {
    this.#upkeep = setTimeout(() => {
      const { maxAgeMs } = this.#options;
      this.#syncing = this.#syncing
        .then(() => this.#writer.sync())
        .catch((error: unknown) => this.#failing(error as Error));
      const cared = this.#alone(async () => {
        // Records are dropped a segment at a time: one that few records come to must not stay the newest for ever.
        if (this.#writer.segment.firstMs < Date.now() - maxAgeMs / 8) await this.#roll();
        await this.#deleteDone();
        const oldest = this.#backlog.oldest;
        if (oldest !== undefined && oldest.lastMs < Date.now() - maxAgeMs) await this.#drop('old');
        if (this.#fault === undefined) return;
        await this.#writer.probe();
        this.#fine();
      }).catch((error: unknown) => this.#failing(error as Error));
      void Promise.all([cared, this.#syncing]).then(() => {
        if (!this.#closed) this.#careForIt();
      });
    }, upkeepMs);
    this.#upkeep.unref();
  }

  #failing(error: Error): void {
    if (this.#fault === undefined) this.#options.onEvent?.({ kind: 'unwritable', error });
    this.#fault = error;
  }

  #fine(): void {
    if (this.#fault !== undefined) this.#options.onEvent?.({ kind: 'writable' });
    this.#fault = undefined;
  }
}
