import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';

/** A request that was answered in the end. */
export interface AnsweredRequest {
  readonly model: string;
  /** One a row, as sent or as the server made them. */
  readonly ids: readonly string[];
  readonly idsBy: 'client' | 'server';
  /** Attempts that failed before, in which the server may have logged rows that it never answered. */
  readonly failedAttempts: number;
}

/** A click that was accepted in the end: 202 from REST, or the bus's own acknowledgement. */
export interface AcceptedClick {
  readonly kind: string;
  readonly predictionId: string;
  /** Empty: every model that scored the id. */
  readonly model: string;
  /** As sent, system time, Unix milliseconds. */
  readonly eventTimeMs: number;
  readonly copies: number;
}

/** What the campaign sent and had accepted, line by line in a file of its own: all that the reference knows of it. */
export class SentLog<T> {
  readonly file: string;
  readonly #stream: WriteStream;

  constructor(file: string) {
    this.file = file;
    this.#stream = createWriteStream(file, { flags: 'a' });
  }

  add(entry: T): void {
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  async close(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
  }

  /** Everything that was added, in order, once it is closed. */
  async *entries(): AsyncGenerator<T> {
    for await (const line of createInterface({ input: createReadStream(this.file) })) yield JSON.parse(line) as T;
  }
}
