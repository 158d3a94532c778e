import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BadData, type DataFile } from '@adstocrat/example-engine';

const chunkBytes = 1 << 18;

/** The first bytes of a file as they lie, at most `count`. */
export async function leadingBytes(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file's bytes, unpacked where they begin as gzip or zstd does, whatever the file is called. Throws {@link BadData} for a damaged one. */
export async function* unpackedBytes(file: DataFile): AsyncGenerator<Uint8Array> {
  const source = createReadStream(file.path, { highWaterMark: chunkBytes });
  const [packing, unpack] = unpackerFor(await leadingBytes(file.path, 4));
  if (unpack === undefined) {
    yield* source as AsyncIterable<Uint8Array>;
    return;
  }
  const unpacked = pipeline(source, unpack);
  unpacked.catch(() => undefined);
  try {
    yield* unpack as AsyncIterable<Uint8Array>;
    await unpacked;
  } catch (error) {
    const { message } = error as Error;
    throw new BadData(`${file.name} is a truncated or damaged ${packing} (${message}): fetch it again`, {
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

function unpackerFor([a, b, c, d]: Uint8Array): readonly [packing: string, unpack: Transform | undefined] {
  const options = { chunkSize: chunkBytes };
  if (a === 0x1f && b === 0x8b) return ['gzip', createGunzip(options)];
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return ['zstd', createZstdDecompress(options)];
  return ['', undefined];
}
