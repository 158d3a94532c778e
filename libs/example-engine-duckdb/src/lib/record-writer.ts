import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';

/** Bytes that are gathered before they are written. */
const bufferBytes = 1 << 20;

/** Writes records to a file, a line each, many at once. */
export class RecordWriter {
  readonly #stream: ReturnType<typeof createWriteStream>;
  #buffer = Buffer.allocUnsafe(bufferBytes);
  #used = 0;
  #full = false;

  constructor(path: string) {
    this.#stream = createWriteStream(path);
    // Said by `drained` or `close`.
    this.#stream.on('error', () => undefined);
  }

  add(prefix: string, bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(prefix.length + (end - start) + 1);
    this.#used += this.#buffer.write(prefix, this.#used, 'latin1');
    this.#buffer.set(bytes.subarray(start, end), this.#used);
    this.#used += end - start;
    this.#buffer[this.#used] = 10;
    this.#used += 1;
  }

  addText(record: string): void {
    const bytes = Buffer.from(record);
    this.add('', bytes, 0, bytes.length);
  }

  /** Waits while the disk is behind. */
  async drained(): Promise<void> {
    if (this.#stream.errored !== null) throw this.#stream.errored;
    if (!this.#full) return;
    this.#full = false;
    await once(this.#stream, 'drain');
  }

  /** Gives a file's bytes to what reads them and writes its records here, no faster than the disk takes them, and closes at the end. */
  async writeAll(
    bytes: AsyncIterable<Uint8Array>,
    reader: { write(chunk: Uint8Array): void; end(): void },
    {
      signal,
      onPiece = () => undefined,
    }: { readonly signal?: AbortSignal | undefined; readonly onPiece?: () => void } = {},
  ): Promise<void> {
    try {
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        reader.write(chunk);
        await this.drained();
        onPiece();
      }
      reader.end();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#flush(0);
    this.#stream.end();
    await finished(this.#stream);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes > this.#buffer.length) this.#flush(bytes);
  }

  #flush(next: number): void {
    if (this.#used > 0 && !this.#stream.write(this.#buffer.subarray(0, this.#used))) this.#full = true;
    this.#buffer = Buffer.allocUnsafe(Math.max(bufferBytes, next));
    this.#used = 0;
  }
}
