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

/** How much a packed file may become. */
export interface UnpackLimits {
  /** Bytes that it may have whatever its size. */
  readonly freeBytes: number;
  /** Above these, times its own size. Text that people pack becomes 3 to 100 times as large; gzip can do a thousand. */
  readonly ratio: number;
}

export const unpackLimits: UnpackLimits = { freeBytes: 256 * 2 ** 20, ratio: 300 };

export interface UnpackOptions {
  readonly limits?: UnpackLimits;
  /** Told the bytes that have been read of the file as it lies. */
  readonly onRead?: (bytes: number) => void;
}

/**
 * A file's bytes, unpacked where they begin as gzip or zstd does, whatever the file is called. A piece may be written over once the next
 * is asked for. Throws {@link BadData} for a damaged file, and for one that becomes more than the limits allow, as soon as it does.
 */
export async function* unpackedBytes(
  file: DataFile,
  { limits: { freeBytes, ratio } = unpackLimits, onRead = () => undefined }: UnpackOptions = {},
): AsyncGenerator<Uint8Array> {
  const [packing, unpack] = unpackerFor(await leadingBytes(file.path, 4));
  if (unpack === undefined) {
    yield* plainBytes(file.path, onRead);
    return;
  }
  const source = createReadStream(file.path, { highWaterMark: chunkBytes });
  const unpacked = pipeline(source, unpack);
  unpacked.catch(() => undefined);
  try {
    let bytes = 0;
    for await (const chunk of unpack as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > freeBytes && bytes > ratio * source.bytesRead)
        throw new BadData(
          `${file.name} unpacks to more than ${ratio} times its size, as hardly any data does: where it is meant, unpack it yourself or set UNPACK_RATIO higher`,
        );
      onRead(source.bytesRead);
      yield chunk;
    }
    await unpacked;
  } catch (error) {
    if (error instanceof BadData) throw error;
    const { message } = error as Error;
    throw new BadData(`${file.name} is a truncated or damaged ${packing} (${message}): fetch it again`, {
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

/**
 * The first piece by itself, with the file closed behind it: many look no further. All others in one buffer: new memory for all of a file
 * would have to be collected, and every collection looks at all that lives.
 */
async function* plainBytes(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const first = await leadingBytes(path, chunkBytes);
  let read = first.length;
  if (read === 0) return;
  onRead(read);
  yield first;
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, read);
      if (bytesRead === 0) return;
      read += bytesRead;
      onRead(read);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function unpackerFor([a, b, c, d]: Uint8Array): readonly [packing: string, unpack: Transform | undefined] {
  const options = { chunkSize: chunkBytes };
  if (a === 0x1f && b === 0x8b) return ['gzip', createGunzip(options)];
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return ['zstd', createZstdDecompress(options)];
  return ['', undefined];
}
