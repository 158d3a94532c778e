import type { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CRC32C, type File } from '@google-cloud/storage';
import type { ArtifactRange } from '@adstocrat/artifact-store';

/** How patient a read is. */
export interface ReadPatience {
  /** Times in a row that it is begun again without a byte in between. */
  readonly attempts: number;
  /** Wall milliseconds before the first of these; twice as long before each next one. */
  readonly firstPauseMs: number;
  /** Wall milliseconds without a byte after which a transfer is given up and begun again. */
  readonly stallMs: number;
}

export const patience: ReadPatience = { attempts: 6, firstPauseMs: 250, stallMs: 30_000 };

/** What the server says of the object in the first response. */
interface Promised {
  readonly generation: string | undefined;
  readonly bytes: number | undefined;
  /** Of the bytes as stored, in base64. */
  readonly crc32c: string | undefined;
}

/** The bytes that came are not those that the bucket has. */
class DamagedTransfer extends Error {
  override readonly name = 'DamagedTransfer';
}

/**
 * The bytes of an object as they are stored, whatever its Content-Encoding, once each and in order: a transfer that breaks off or
 * stalls goes on where it was, in the same generation; 408, 429 and 5xx are asked again. At the end size and crc32c are those that the
 * bucket promised, or it throws; of a stretch it is the size alone, and less where the object ends in it. Throws what the client throws
 * for everything else. `open` gives the object at a generation.
 */
export async function* resumedRead(
  open: (generation: string | undefined) => File,
  { attempts, firstPauseMs, stallMs }: ReadPatience,
  range?: ArtifactRange,
): AsyncGenerator<Uint8Array> {
  const crc32c = new CRC32C();
  let promised: Promised | undefined;
  const [first, end] = range === undefined ? [0, undefined] : [range.offset, range.offset + range.bytes];
  let at = 0;
  const due = (): number => Math.min(promised?.bytes ?? Infinity, end ?? Infinity) - first;
  for (let failures = 0; ;) {
    const from = { start: first + at, ...(end === undefined ? {} : { end: end - 1 }) };
    const transfer = beginTransfer(open(promised?.generation), from, (headers) => (promised ??= promiseOf(headers)));
    const watch = setTimeout(() => transfer.destroy(new Error(`no byte came for ${stallMs} ms`)), stallMs);
    try {
      for await (const chunk of transfer as AsyncIterable<Buffer>) {
        watch.refresh();
        failures = 0;
        at += chunk.length;
        crc32c.update(chunk);
        yield chunk;
        watch.refresh();
      }
      if (promised?.bytes === undefined || at >= due()) break;
      throw new Error(`${at} of ${due()} bytes came`);
    } catch (error) {
      // It broke off behind its last byte: there is nothing left to ask for.
      if (at > 0 && at >= due()) break;
      failures += 1;
      if (failures >= attempts || !isPassing(error)) throw error;
      await sleep(firstPauseMs * 2 ** (failures - 1));
    } finally {
      clearTimeout(watch);
      transfer.destroy();
    }
  }
  if (range !== undefined) return;
  if (promised?.bytes !== undefined && at !== promised.bytes)
    throw new DamagedTransfer(`${at} bytes came, the bucket has ${promised.bytes}`);
  if (promised?.crc32c !== undefined && crc32c.toString() !== promised.crc32c)
    throw new DamagedTransfer(
      `the bytes that came have the crc32c ${crc32c.toString()}, the bucket's ${promised.crc32c}`,
    );
}

/** The bytes from there on, to the end or the last one, which comes too. Destroyed, it ends the client's own stream as well. */
function beginTransfer(
  file: File,
  from: { readonly start: number; readonly end?: number },
  onHeaders: (headers: unknown) => void,
): PassThrough {
  const isWhole = from.start === 0 && from.end === undefined;
  const source = file.createReadStream({ decompress: false, validation: false, ...(isWhole ? {} : from) });
  const transfer = new PassThrough();
  let hasResponse = false;
  source.once('response', (response: EventEmitter & { readonly headers: unknown }) => {
    hasResponse = true;
    // The client's own layers listen up to eleven times to what comes: Node would tell people of a leak.
    response.setMaxListeners(20);
    onHeaders(response.headers);
    // The client connects its streams after this event, and rejects a promise that nobody holds where one is destroyed by then.
    if (transfer.destroyed) setImmediate(() => source.destroy());
  });
  source.once('error', (error) => transfer.destroy(error));
  source.once('close', () => {
    if (!source.readableEnded) transfer.destroy(new Error('the transfer broke off'));
  });
  transfer.once('close', () => {
    if (hasResponse) source.destroy();
  });
  return source.pipe(transfer);
}

/** Whether the same may go well a moment later: the server is busy, or the connection broke. */
function isPassing(error: unknown): boolean {
  const code = Number((error as { readonly code?: unknown }).code);
  return Number.isNaN(code) || code === 408 || code === 429 || code >= 500;
}

function promiseOf(headers: unknown): Promised {
  const value = (name: string): string | undefined =>
    headers instanceof Headers
      ? (headers.get(name) ?? undefined)
      : (headers as Readonly<Record<string, string | undefined>>)[name];
  const bytes = value('x-goog-stored-content-length');
  return {
    generation: value('x-goog-generation'),
    bytes: bytes === undefined ? undefined : Number(bytes),
    crc32c: /crc32c=([A-Za-z0-9+/=]+)/.exec(value('x-goog-hash') ?? '')?.[1],
  };
}
