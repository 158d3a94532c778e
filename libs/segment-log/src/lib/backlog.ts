import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeptPosition, type Position } from './kept-position.ts';
import { findSegments, type Segment } from './segment.ts';

/** The segments on disk, and how far they were read. */
export class Backlog {
  readonly #kept: KeptPosition;
  /** Oldest first. */
  readonly #segments: Segment[];
  /** Records of the oldest segment that lie before the position. */
  #recordsRead: number;
  #waitingRecords: number;
  #bytes: number;
  /** Moves of the position, one after the other. */
  #moving: Promise<void> = Promise.resolve();
  /** The largest number that a segment had. */
  readonly newest: number;

  private constructor(kept: KeptPosition, segments: Segment[], recordsRead: number, newest: number) {
    this.#kept = kept;
    this.#segments = segments;
    this.#recordsRead = recordsRead;
    this.#waitingRecords = segments.reduce((sum, { records }) => sum + records, -recordsRead);
    this.#bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0);
    this.newest = newest;
  }

  /** Reads through what a folder holds, and removes what was read. `onTorn` is told of bytes behind the last whole record. */
  static async open(folder: string, onTorn: (bytes: number, segment: string) => void): Promise<Backlog> {
    const kept = await KeptPosition.open(join(folder, 'position'));
    const { segment, offset } = kept.value;
    const readTo = (number: number): number => (number < segment ? Infinity : number === segment ? offset : 0);
    const found = await findSegments(folder, readTo);
    const segments: Segment[] = [];
    let recordsRead = 0;
    for (const one of found) {
      if (one.tornBytes > 0) onTorn(one.tornBytes, one.segment.path);
      if (one.recordsBefore === one.segment.records) await rm(one.segment.path);
      else {
        if (segments.length === 0) recordsRead = one.recordsBefore;
        segments.push(one.segment);
      }
    }
    return new Backlog(kept, segments, recordsRead, Math.max(segment, ...found.map((one) => one.segment.number)));
  }

  get oldest(): Segment | undefined {
    return this.#segments[0];
  }

  /** The byte of the oldest segment that reading goes on at. */
  get offset(): number {
    const { segment, offset } = this.#kept.value;
    return segment === this.oldest?.number ? offset : 0;
  }

  /** Bytes on disk, those that were read included where their segment is not. */
  get bytes(): number {
    return this.#bytes;
  }

  get waitingRecords(): number {
    return this.#waitingRecords;
  }

  /** Records of the oldest segment that were not read. */
  get unreadOfOldest(): number {
    return (this.oldest?.records ?? 0) - this.#recordsRead;
  }

  /** A segment that is written from now on. */
  add(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** The newest segment has so many more. */
  wrote(bytes: number, records: number): void {
    this.#bytes += bytes;
    this.#waitingRecords += records;
  }

  /** So many records of the oldest segment are read. Does nothing where they were removed meanwhile. */
  async advance(next: Position, records: number): Promise<void> {
    if (this.oldest?.number !== next.segment) return;
    this.#recordsRead += records;
    this.#waitingRecords -= records;
    await this.#move(next);
  }

  /** Removes the oldest segment, read or not. */
  async removeOldest(): Promise<void> {
    const unread = this.unreadOfOldest;
    const segment = this.#segments.shift();
    if (segment === undefined) return;
    this.#waitingRecords -= unread;
    this.#recordsRead = 0;
    this.#bytes -= segment.bytes;
    await this.#move({ segment: segment.number + 1, offset: 0 });
    await rm(segment.path, { force: true });
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#kept.close();
  }

  /** Never back. */
  #move(position: Position): Promise<void> {
    const moved = this.#moving.then(async () => {
      const { segment, offset } = this.#kept.value;
      if (position.segment > segment || (position.segment === segment && position.offset > offset))
        await this.#kept.move(position);
    });
    this.#moving = moved.catch(() => undefined);
    return moved;
  }
}
