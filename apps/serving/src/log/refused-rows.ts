import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { namesOf } from './prediction-event.ts';

const maxBytes = 16 * 1024 * 1024;
/** A larger message is left out of its line: the server has logged none such, but finds what lies on its disk. */
const maxRecordBytes = 1_000_000;

/** Rows that the bus will never take, kept for people: one JSON a line, with the reason. Two files of about 16 MiB each, at most. */
export class RefusedRows {
  readonly #path: string;
  readonly #olderPath: string;
  readonly #logger: Logger;
  /** Since the start. */
  count = 0;
  lastReason = '';

  constructor(folder: string, logger: Logger) {
    this.#logger = logger;
    this.#path = join(folder, 'refused.jsonl');
    this.#olderPath = join(folder, 'refused.older.jsonl');
  }

  /** Never rejects: a row that cannot be kept is counted and told, and stands in no other's way. */
  async add(record: Buffer, reason: string): Promise<void> {
    this.count += 1;
    this.lastReason = reason;
    const line = JSON.stringify({
      refusedAt: new Date().toISOString(),
      reason,
      ...namesOf(record),
      ...(record.length > maxRecordBytes
        ? { leftOutBytes: record.length }
        : { predictionMade: record.toString('base64', 8) }),
    });
    try {
      await this.#append(`${line}\n`);
    } catch (error) {
      this.#logger.error({ err: error, ...namesOf(record) }, 'a row that the bus refuses cannot be kept, it is lost');
    }
  }

  async #append(line: string): Promise<void> {
    const size = await stat(this.#path).then(
      ({ size: bytes }) => bytes,
      () => 0,
    );
    if (size > maxBytes) await rename(this.#path, this.#olderPath);
    await appendFile(this.#path, line, { mode: 0o600 });
  }
}
