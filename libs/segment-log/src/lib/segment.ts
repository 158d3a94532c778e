import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { frameAt, frameLengthAt } from './frame.ts';

/** One file of the log. Only the newest is written, and none is written after a restart. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Bytes that hold whole records. */
  bytes: number;
  records: number;
  /** Wall time of the first and last record, Unix milliseconds; NaN while it is empty. */
  firstMs: number;
  lastMs: number;
}

const readBytes = 4 * 1024 * 1024;
const name = /^(\d{16})\.segment$/;

export function newSegment(folder: string, number: number): Segment {
  const path = join(folder, `${String(number).padStart(16, '0')}.segment`);
  return { number, path, bytes: 0, records: 0, firstMs: NaN, lastMs: NaN };
}

/** What a start finds of a segment. */
export interface FoundSegment {
  readonly segment: Segment;
  /** Records that lie wholly before the byte asked for. */
  readonly recordsBefore: number;
  /** Bytes behind the last whole record: a write that was cut off. */
  readonly tornBytes: number;
}

/** The segments of a folder, oldest first, each read through once. `before` gives the byte that `recordsBefore` counts to. */
export async function findSegments(
  folder: string,
  before: (number: number) => number,
): Promise<readonly FoundSegment[]> {
  const numbers = (await readdir(folder))
    .map((file) => name.exec(file)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  const found: FoundSegment[] = [];
  for (const number of numbers) found.push(await lookThrough(newSegment(folder, number), before(number)));
  return found;
}

async function lookThrough(segment: Segment, before: number): Promise<FoundSegment> {
  const file = await open(segment.path, 'r');
  try {
    const { size } = await file.stat();
    let recordsBefore = 0;
    for (;;) {
      const chunk = await chunkAt(file, segment.bytes, size, readBytes);
      const at = segment.bytes;
      for (let frame = frameAt(chunk, 0); typeof frame === 'object'; frame = frameAt(chunk, frame.end)) {
        segment.bytes = at + frame.end;
        if (Number.isNaN(segment.firstMs)) segment.firstMs = frame.writtenMs;
        segment.lastMs = frame.writtenMs;
        segment.records += 1;
        if (segment.bytes <= before) recordsBefore += 1;
      }
      if (segment.bytes === at) return { segment, recordsBefore, tornBytes: size - segment.bytes };
    }
  } finally {
    await file.close();
  }
}

/** Bytes from a place: `wanted` of them, or one whole frame where that is longer; less where the segment ends before. */
export async function chunkAt(file: FileHandle, at: number, size: number, wanted: number): Promise<Buffer> {
  const chunk = await bytesAt(file, at, Math.min(wanted, size - at));
  const frame = frameLengthAt(chunk, 0);
  return frame === undefined || frame <= chunk.length || at + frame > size ? chunk : bytesAt(file, at, frame);
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, length));
  let read = 0;
  while (read < buffer.length) {
    const { bytesRead } = await file.read(buffer, read, buffer.length - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}
