import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { namesOf } from './prediction-event.ts';

const maxBytes = 16 * 1024 * 1024;

/** Rows that the bus will never take, kept for people: one JSON a line, with the reason. Two files of 16 MiB each, at most. */
export class RefusedRows {
  readonly #path: string;
  readonly #olderPath: string;
  /** Since the start. */
  count = 0;
  lastReason = '';

  constructor(folder: string) {
    this.#path = join(folder, 'refused.jsonl');
    this.#olderPath = join(folder, 'refused.older.jsonl');
  }

  async add(record: Buffer, reason: string): Promise<void> {
    this.count += 1;
    this.lastReason = reason;
    const line = JSON.stringify({
      refusedAt: new Date().toISOString(),
      reason,
      ...namesOf(record),
      predictionMade: record.toString('base64', 8),
    });
    const size = await stat(this.#path).then(
      ({ size: bytes }) => bytes,
      () => 0,
    );
    if (size > maxBytes) await rename(this.#path, this.#olderPath);
    await appendFile(this.#path, `${line}\n`, { mode: 0o600 });
  }
}
