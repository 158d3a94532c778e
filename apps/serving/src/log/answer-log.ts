import { Cancelled, InvalidRequest } from '@adstocrat/service-kit';
import type { AnsweredRows } from './answered-rows.ts';
import { RecordEncoder } from './record-encoder.ts';

/** Most bytes of a row: every reader of the bus holds thousands of rows, and no bus takes one of 900,000 bytes. */
const maxRowBytes = 65_536;
/** Most bytes of an answer's rows, which lie in memory until the disk has them. */
const maxAnswerBytes = 16 * 1024 * 1024;

/** The rows of one answer on their way into the prediction log: gathered as they are scored, logged all or none. */
export class AnswerLog {
  readonly #servedAtMs: number;
  readonly #append: ((records: readonly Buffer[]) => Promise<void>) | undefined;
  readonly #records: Buffer[] = [];
  #bytes = 0;

  /** `append`: absent where nothing is logged. */
  constructor(servedAtMs: number, append?: (records: readonly Buffer[]) => Promise<void>) {
    this.#servedAtMs = servedAtMs;
    this.#append = append;
  }

  /** The next rows. Throws {@link InvalidRequest} where a row has more than 65,536 bytes, or all so far more than 16 MiB. */
  add(rows: AnsweredRows): void {
    if (this.#append === undefined) return;
    const encoder = new RecordEncoder(rows, this.#servedAtMs);
    for (let row = 0; row < rows.predictionIds.length; row += 1) {
      const record = encoder.encode(row);
      this.#bytes += record.length;
      refuseSize(this.#records.length, record.length, this.#bytes);
      this.#records.push(record);
    }
  }

  /**
   * Logs the rows of the answer, which is about to leave. Resolves once they survive this process, where the mode is `ack`, and at once
   * else. Throws {@link Cancelled} where nobody waits for the answer any more, `ResourceExhausted` where the log is full and
   * `Unavailable` where the disk fails: the rows are not logged then, and the answer must not leave.
   */
  async commit(signal: AbortSignal): Promise<void> {
    if (this.#append === undefined) return;
    if (signal.aborted) throw new Cancelled('the caller is gone, or its deadline has passed');
    await this.#append(this.#records);
  }
}

function refuseSize(row: number, rowBytes: number, bytes: number): void {
  if (rowBytes > maxRowBytes)
    throw new InvalidRequest(
      `row ${row} takes ${rowBytes} bytes of the prediction log, at most ${maxRowBytes} are logged: send shorter values, or keep the request out of the log`,
    );
  if (bytes > maxAnswerBytes)
    throw new InvalidRequest(
      `rows 0 to ${row} take ${bytes} bytes of the prediction log, at most ${maxAnswerBytes} are logged at once: send fewer rows a request, or keep it out of the log`,
    );
}
