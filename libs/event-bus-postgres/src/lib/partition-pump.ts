import type { Pool } from 'pg';
import {
  deliver,
  type DeliveryOptions,
  type EventHandler,
  type RawEvent,
  type SubscribeOptions,
  type Topic,
  untilAnswered,
} from '@adstocrat/event-bus';
import type { LogTopic } from './log-topic.ts';
import { readLog } from './read-log.ts';

/** What a subscription's pumps have in common. */
export interface PumpWiring<T> {
  readonly pool: Pool;
  readonly log: LogTopic;
  readonly topic: Topic<T>;
  readonly options: SubscribeOptions;
  readonly handler: EventHandler<T>;
  readonly deadLetter: DeliveryOptions['deadLetter'];
  readonly onDelivery?: DeliveryOptions['onDelivery'];
  readonly member: string;
}

/** Reads one owned partition until it is stopped or finds that another member owns it. Waits for nobody else's partition. */
export class PartitionPump<T> {
  readonly partition: number;
  readonly epoch: number;
  readonly #wiring: PumpWiring<T>;
  readonly #stop = new AbortController();
  #position: number;
  #wake: (() => void) | undefined;
  #news = true;
  /** An end of the log that was known before the read that is under way or comes next. */
  #head = 0;
  #said: Promise<void> = Promise.resolve();
  #saying = false;
  readonly #finished: Promise<void>;

  constructor(
    wiring: PumpWiring<T>,
    owned: { readonly partition: number; readonly position: number; readonly epoch: number },
  ) {
    this.#wiring = wiring;
    this.partition = owned.partition;
    this.epoch = owned.epoch;
    this.#position = owned.position;
    this.#finished = this.#run();
  }

  /** There may be events. */
  wake(): void {
    this.#news = true;
    this.#wake?.();
  }

  /** Ends the pauses and waits for the handler and its commit. */
  stop(): Promise<void> {
    this.#stop.abort(new Error(`partition ${this.partition} of ${this.#wiring.topic.name} is given back`));
    this.#wake?.();
    return this.#finished;
  }

  /** Told that the log ends at `head`, and that what comes later is stamped `nowMs` or later. */
  async endsAt(head: number, nowMs: number): Promise<void> {
    if (this.#wake === undefined || this.#news || this.#saying) return;
    if (head !== this.#position) {
      this.#head = head;
      this.wake();
      return;
    }
    this.#saying = true;
    await this.#sayReadUntil(nowMs);
    this.#saying = false;
  }

  async #run(): Promise<void> {
    const { pool, log, options } = this.#wiring;
    const size = options.maxBatch ?? 500;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#news = false;
      const head = this.#head;
      const lists = await untilAnswered(() => readLog(pool, log, this.partition, this.#position, size), signal);
      if (lists === undefined) return;
      let found = false;
      for (const events of lists) {
        found = true;
        if (!(await this.#handleAll(events, size))) break;
      }
      if (found) continue;
      // What lay before that end is gone: kept no longer, and never to be read.
      if (head > this.#position) await this.#keep(head);
      await this.#sleep();
    }
  }

  /** False where a batch was not kept: nothing behind it was handed over. */
  async #handleAll(events: readonly RawEvent[], size: number): Promise<boolean> {
    for (let start = 0; start < events.length; start += size)
      if (!(await this.#handle(events.slice(start, start + size)))) return false;
    return true;
  }

  /** False where the position was not moved: the pump is stopped, or the partition is another's, which stops it. */
  async #handle(events: readonly RawEvent[]): Promise<boolean> {
    const { topic, options, handler, deadLetter, onDelivery } = this.#wiring;
    const { signal } = this.#stop;
    try {
      await deliver(topic, events, handler, {
        group: options.group,
        maxAttempts: options.maxAttempts ?? 5,
        deadLetter,
        signal,
        ...(onDelivery === undefined ? {} : { onDelivery }),
        ...(options.dependenciesAnswer === undefined ? {} : { dependenciesAnswer: options.dependenciesAnswer }),
      });
    } catch {
      return false;
    }
    const last = events.at(-1) as RawEvent;
    if (!(await this.#keep(Number(last.position)))) return false;
    await this.#sayReadUntil(last.appendedMs);
    return !signal.aborted;
  }

  /** Moves the position; false where the partition is another's by now, which stops the pump, or the pump is stopped. */
  async #keep(position: number): Promise<boolean> {
    const { topic, options, pool, log, member } = this.#wiring;
    const commit = (): Promise<{ readonly rowCount: number | null }> =>
      pool.query({
        name: 'event_log.commit',
        text: `UPDATE event_log.positions SET position = $4 WHERE "group" = $1 AND topic = $2 AND partition = $3 AND owner = $5 AND epoch = $6`,
        values: [options.group, log.number, this.partition, position, member, this.epoch],
      });
    const kept = await untilAnswered(commit, this.#stop.signal);
    if (kept?.rowCount === 0) this.#stop.abort(new Error(`partition ${this.partition} of ${topic.name} was lost`));
    if (kept?.rowCount !== 1) return false;
    this.#position = position;
    return true;
  }

  /** One at a time, so that they arrive in order. One that is not taken is said again, with a later time, within a second. */
  async #sayReadUntil(readUntilMs: number): Promise<void> {
    const { onReadUntil } = this.#wiring.options;
    if (onReadUntil === undefined) return;
    const said = this.#said.then(() => onReadUntil(this.partition, readUntilMs)).catch(() => undefined);
    this.#said = said;
    await said;
  }

  async #sleep(): Promise<void> {
    if (this.#news || this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
