import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { events } from '@adstocrat/schemas';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes of a chunk before compression, about: rows of any size are held a few at a time. */
const chunkBytes = 4 << 20;

/** Labelled rows as bytes: each message after its length (32 bits, little-endian), compressed together. Large rows make several chunks. */
export async function* encodeChunks(
  examples: readonly events.ExampleLabelled[],
): AsyncGenerator<{ readonly rows: number; readonly body: Buffer }> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for (const [index, example] of examples.entries()) {
    const message = events.ExampleLabelled.encode(example).finish();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(message.length);
    parts.push(length, message);
    bytes += message.length;
    if (bytes < chunkBytes && index < examples.length - 1) continue;
    yield { rows: parts.length / 2, body: await compress(Buffer.concat(parts)) };
    [parts, bytes] = [[], 0];
  }
}

export async function decodeChunk(body: Uint8Array): Promise<readonly events.ExampleLabelled[]> {
  const bytes = await decompress(body);
  const examples: events.ExampleLabelled[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    examples.push(events.ExampleLabelled.decode(bytes.subarray(at + 4, end)));
    at = end;
  }
  return examples;
}
