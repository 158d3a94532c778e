import { crc32 } from 'node:zlib';

/** Bytes before each record: its length and checksum (u32, little-endian), and the wall time of its writing (f64, Unix milliseconds). */
export const frameHeaderBytes = 16;
/** Largest record: what is longer is no record, but damage. */
export const maxRecordBytes = 64 * 1024 * 1024;

/** A record read back. */
export interface Frame {
  readonly writtenMs: number;
  /** A view of the buffer it was read from. */
  readonly record: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** Bytes that a record takes. */
export function frameBytes(record: Uint8Array): number {
  return frameHeaderBytes + record.length;
}

/** Writes a record into the buffer at a place; returns where the next one begins. */
export function putFrame(into: Buffer, at: number, record: Uint8Array, writtenMs: number): number {
  const end = at + frameBytes(record);
  into.writeUInt32LE(record.length, at);
  into.writeDoubleLE(writtenMs, at + 8);
  into.set(record, at + frameHeaderBytes);
  into.writeUInt32LE(crc32(into.subarray(at + 8, end)), at + 4);
  return end;
}

/**
 * The record at a place. `'short'`: the buffer ends within it. `'damaged'`: the bytes are no record that {@link putFrame} wrote, as
 * after a write that was cut off, and nothing behind them can be told apart.
 */
export function frameAt(buffer: Buffer, at: number): Frame | 'short' | 'damaged' {
  if (buffer.length - at < frameHeaderBytes) return 'short';
  const length = buffer.readUInt32LE(at);
  // A record is never empty: zeros are what a file system leaves where data did not reach the disk.
  if (length === 0 || length > maxRecordBytes) return 'damaged';
  const end = at + frameHeaderBytes + length;
  if (end > buffer.length) return 'short';
  if (crc32(buffer.subarray(at + 8, end)) !== buffer.readUInt32LE(at + 4)) return 'damaged';
  return { writtenMs: buffer.readDoubleLE(at + 8), record: buffer.subarray(at + frameHeaderBytes, end), end };
}

/** Bytes of the whole frame that begins here, as its header says; undefined where the header is not whole or says nonsense. */
export function frameLengthAt(buffer: Buffer, at: number): number | undefined {
  if (buffer.length - at < frameHeaderBytes) return undefined;
  const length = buffer.readUInt32LE(at);
  return length === 0 || length > maxRecordBytes ? undefined : frameHeaderBytes + length;
}
