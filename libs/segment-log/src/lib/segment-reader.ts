import { type FileHandle, open } from 'node:fs/promises';
import { frameAt } from './frame.ts';
import { chunkAt } from './segment.ts';

const readBytes = 2 * 1024 * 1024;

export interface ReadRecords {
  /** Bytes of the caller's own. Empty where those at the place are no record. */
  readonly records: readonly Buffer[];
  /** Wall time of the first one's writing, Unix milliseconds. */
  readonly firstMs: number;
  /** Where the record behind them begins. */
  readonly end: number;
}

/** Reads segments. One call at a time. */
export class SegmentReader {
  #path = '';
  #file: FileHandle | undefined;

  /** Up to so many records from a place in a segment of `size` bytes, 2 MiB of them or one that is longer. */
  async read(
    path: string,
    { offset, size, maxRecords }: { readonly offset: number; readonly size: number; readonly maxRecords: number },
  ): Promise<ReadRecords> {
    const chunk = await chunkAt(await this.#open(path), offset, size, readBytes);
    const records: Buffer[] = [];
    let firstMs = NaN;
    let end = 0;
    for (
      let frame = frameAt(chunk, 0);
      typeof frame === 'object' && records.length < maxRecords;
      frame = frameAt(chunk, end)
    ) {
      if (records.length === 0) firstMs = frame.writtenMs;
      records.push(frame.record);
      end = frame.end;
    }
    return { records, firstMs, end: offset + end };
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#path = '';
    await file?.close();
  }

  /** Reading goes on in one segment many times. */
  async #open(path: string): Promise<FileHandle> {
    if (this.#file !== undefined && this.#path === path) return this.#file;
    await this.close();
    this.#file = await open(path, 'r');
    this.#path = path;
    return this.#file;
  }
}
