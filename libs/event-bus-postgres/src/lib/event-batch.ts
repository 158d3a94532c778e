import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { EncodedEvent } from '@adstocrat/event-bus';

const plain = 0;
const zstd = 1;
/** Below it, compressing costs more than it saves. */
const worthCompressing = 1024;

/**
 * Events in one block of bytes: a codec byte, then, compressed or not, the headers that they share (JSON) and each event's id, key,
 * own headers (JSON) and data, every part behind its length (32 bits, little endian). An own header that is null is a shared one
 * that the event does not have; `ce_id` and `ce_partitionkey` are id and key unless an own header says otherwise.
 */
export function encodeBatch(events: readonly EncodedEvent[]): Buffer {
  const { ce_id: _id, ce_partitionkey: _key, ce_time: _time, ...shared } = events[0]?.headers ?? {};
  const parts: (string | Uint8Array)[] = [JSON.stringify(shared)];
  for (const { id, key, headers, data } of events)
    parts.push(id, key, JSON.stringify(ownHeaders({ ...shared, ce_id: id, ce_partitionkey: key }, headers)), data);
  const lengths = parts.map((part) => (typeof part === 'string' ? Buffer.byteLength(part) : part.length));
  const block = Buffer.allocUnsafe(1 + lengths.reduce((sum, length) => sum + 4 + length, 0));
  block[0] = plain;
  let at = 1;
  for (const [index, part] of parts.entries()) {
    at = block.writeUInt32LE(lengths[index] ?? 0, at);
    if (typeof part === 'string') block.write(part, at);
    else block.set(part, at);
    at += lengths[index] ?? 0;
  }
  if (block.length < worthCompressing) return block;
  const compressed = zstdCompressSync(block.subarray(1), { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return Buffer.concat([Buffer.of(zstd), compressed]);
}

/** The block of {@link encodeBatch}'s bytes, without its codec: what the events take in memory. */
export function openBatch(bytes: Buffer): Buffer {
  return bytes[0] === zstd ? zstdDecompressSync(bytes.subarray(1)) : bytes.subarray(1);
}

/** The events of a block. */
export function decodeBatch(block: Buffer): readonly EncodedEvent[] {
  let at = 0;
  const next = (): Buffer => {
    const start = at + 4;
    at = start + block.readUInt32LE(at);
    return block.subarray(start, at);
  };
  const shared = JSON.parse(next().toString()) as Record<string, string>;
  const events: EncodedEvent[] = [];
  while (at < block.length) {
    const [id, key] = [next().toString(), next().toString()];
    const own = JSON.parse(next().toString()) as Record<string, string | null>;
    const headers: Record<string, string> = {};
    const all: Record<string, string | null> = { ...shared, ce_id: id, ce_partitionkey: key, ...own };
    for (const name in all) if (typeof all[name] === 'string') headers[name] = all[name];
    events.push({ id, key, headers, data: next() });
  }
  return events;
}

function ownHeaders(
  expected: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Record<string, string | null> {
  const own: Record<string, string | null> = {};
  for (const name in headers) if (headers[name] !== expected[name]) own[name] = headers[name] as string;
  for (const name in expected) if (!(name in headers)) own[name] = null;
  return own;
}
