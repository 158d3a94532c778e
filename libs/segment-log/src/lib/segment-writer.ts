import { type FileHandle, open } from 'node:fs/promises';
import { fdatasync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { newSegment, type Segment } from './segment.ts';

const writeFile = promisify(write);
const syncFile = promisify(fdatasync);

const probeBytes = 64 * 1024;
/** What is longer is copied beside the event loop. */
const promptBytes = 256 * 1024;
/** A write that took longer, wall milliseconds, met a disk that is behind: those of the next second do not wait for it here. */
const [slowMs, cautiousMs] = [25, 1000];

/** Writes the newest segment. One call at a time. */
export class SegmentWriter {
  readonly segment: Segment;
  readonly #file: FileHandle;
  #dirty = false;
  #syncing = false;
  #cautiousUntilMs = 0;
  /** True once a write left bytes behind that could not be taken back: nothing more can be written here. */
  #spoilt = false;

  private constructor(segment: Segment, file: FileHandle) {
    this.segment = segment;
    this.#file = file;
  }

  /** Begins a segment. Throws where there is one of this number. */
  static async begin(folder: string, number: number): Promise<SegmentWriter> {
    const segment = newSegment(folder, number);
    return new SegmentWriter(segment, await open(segment.path, 'wx', 0o600));
  }

  get spoilt(): boolean {
    return this.#spoilt;
  }

  /**
   * Writes into the page cache on the spot, which takes 2 µs where the thread pool takes 25. False, with nothing written that counts,
   * where the event loop may have to wait for the disk, or where it fails: {@link write} does it then.
   */
  writeNow(bytes: Buffer, records: number, nowMs: number): boolean {
    const begunMs = performance.now();
    if (this.#spoilt || this.#syncing || bytes.length > promptBytes || begunMs < this.#cautiousUntilMs) return false;
    try {
      const written = writeSync(this.#file.fd, bytes, 0, bytes.length, this.segment.bytes);
      const endedMs = performance.now();
      if (endedMs - begunMs > slowMs) this.#cautiousUntilMs = endedMs + cautiousMs;
      if (written < bytes.length) return false;
    } catch {
      return false;
    }
    this.#count(bytes, records, nowMs);
    return true;
  }

  /** Whole or not at all: resolves once the operating system has the bytes, and takes back what a failed write left. */
  async write(bytes: Buffer, records: number, nowMs: number): Promise<void> {
    try {
      await this.#put(bytes);
    } catch (error) {
      await this.#takeBack();
      throw error;
    }
    this.#count(bytes, records, nowMs);
  }

  /** Throws where the disk takes no answer's rows: writes as much as they may need and takes it back. */
  async probe(): Promise<void> {
    try {
      await this.#put(Buffer.alloc(probeBytes));
    } finally {
      await this.#takeBack();
    }
  }

  /** Resolves once what was written survives a power cut. */
  async sync(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#syncing = true;
    try {
      await syncFile(this.#file.fd);
    } finally {
      this.#syncing = false;
    }
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.#file.close();
    }
  }

  #count(bytes: Buffer, records: number, nowMs: number): void {
    const { segment } = this;
    segment.bytes += bytes.length;
    segment.records += records;
    if (Number.isNaN(segment.firstMs)) segment.firstMs = nowMs;
    segment.lastMs = nowMs;
    this.#dirty = true;
  }

  /** A disk that fills up takes a part first, and fails with the next. */
  async #put(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const at = this.segment.bytes + done;
      done += (await writeFile(this.#file.fd, bytes, done, bytes.length - done, at)).bytesWritten;
    }
  }

  async #takeBack(): Promise<void> {
    try {
      await this.#file.truncate(this.segment.bytes);
    } catch {
      this.#spoilt = true;
    }
  }
}
