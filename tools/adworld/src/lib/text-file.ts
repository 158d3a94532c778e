import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Transform } from 'node:stream';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';

const chunkCharacters = 1 << 18;

/** A text file written piece by piece, compressed where its name ends in `.gz`. Holds a quarter of a megabyte at most. */
export class TextFile {
  readonly #head: Transform;
  readonly #done: Promise<void>;
  #failure: Error | undefined;
  #pending = '';

  private constructor(path: string) {
    this.#head = path.endsWith('.gz') ? createGzip({ level: 4 }) : new PassThrough();
    this.#done = pipeline(this.#head, createWriteStream(path, { flags: 'wx' }));
    this.#done.catch((error: Error) => (this.#failure = error));
  }

  static async create(path: string): Promise<TextFile> {
    await mkdir(dirname(path), { recursive: true });
    return new TextFile(path);
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= chunkCharacters) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    this.#head.end();
    await this.#done;
  }

  /** Gives the file up, where writing it failed half-way. Does nothing to a closed one. */
  destroy(): void {
    this.#head.destroy();
  }

  async #flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && !this.#head.write(text)) await Promise.race([once(this.#head, 'drain'), this.#done]);
  }
}
