import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { FailureReasons } from '@adstocrat/examples';
import type { FailedRow } from './failed-rows.ts';

/** Rows that failed, a JSON object a line, on local disk. */
export class FailureFile {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #reasons = new FailureReasons();
  #rows = 0;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
    // Said by `add` or `close`.
    this.#stream.on('error', () => undefined);
  }

  get rows(): number {
    return this.#rows;
  }

  get reasons(): FailureReasons['list'] {
    return this.#reasons.list;
  }

  /** `rows`: how many it stands for, where it is a file. Waits while the disk is behind. */
  async add(row: FailedRow, rows = 1): Promise<void> {
    this.#rows += rows;
    const { file, line, reason } = row;
    this.#reasons.add({ file, line, reason }, rows);
    if (this.#stream.errored !== null) throw this.#stream.errored;
    if (!this.#stream.write(`${JSON.stringify(row)}\n`)) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }
}
