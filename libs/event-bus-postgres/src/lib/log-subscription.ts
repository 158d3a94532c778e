import { randomUUID } from 'node:crypto';
import { PartitionPump, type PumpWiring } from './partition-pump.ts';

/** A partition that a member owns, as its heartbeat found it. */
export interface OwnedPartition {
  readonly partition: number;
  readonly position: number;
  readonly epoch: number;
  /** More than its share: to be given back. */
  readonly surplus: boolean;
}

/** One member of a consumer group: a pump for each partition that the database says it owns. */
export class LogSubscription<T> {
  readonly member = randomUUID();
  readonly #wiring: PumpWiring<T>;
  readonly #pumps = new Map<number, PartitionPump<T>>();
  /** Pumps that finish what they have in hand: their partitions wait for that. */
  readonly #ending = new Map<number, Promise<void>>();
  #closed = false;

  constructor(wiring: Omit<PumpWiring<T>, 'member'>) {
    this.#wiring = { ...wiring, member: this.member };
  }

  get group(): string {
    return this.#wiring.options.group;
  }

  get topicNumber(): number {
    return this.#wiring.log.number;
  }

  /** Partitions whose read-until is wanted. */
  get watched(): readonly number[] {
    return this.#wiring.options.onReadUntil === undefined ? [] : [...this.#pumps.keys()];
  }

  /**
   * Makes the pumps match what is owned. One that was lost ends with the batch in its hands, which it can't commit. What is surplus is
   * given back, again where that did not get through, and where it was never pumped.
   */
  own(partitions: readonly OwnedPartition[]): void {
    if (this.#closed) return;
    const owned = new Map(partitions.map((one) => [one.partition, one]));
    for (const [partition, pump] of this.#pumps) {
      const now = owned.get(partition);
      if (now?.epoch === pump.epoch && !now.surplus) continue;
      this.#pumps.delete(partition);
      const ending = pump.stop();
      this.#end(partition, now?.epoch === pump.epoch ? ending.then(() => this.#giveBack(pump)) : ending);
    }
    for (const [partition, one] of owned) {
      if (this.#pumps.has(partition) || this.#ending.has(partition)) continue;
      if (one.surplus) this.#end(partition, this.#giveBack(one));
      else this.#pumps.set(partition, new PartitionPump(this.#wiring, one));
    }
  }

  wake(partitions?: readonly number[]): void {
    for (const [partition, pump] of this.#pumps) if (partitions?.includes(partition) !== false) pump.wake();
  }

  /** See `PartitionPump.endsAt`. */
  async endsAt(partition: number, head: number, nowMs: number): Promise<void> {
    await this.#pumps.get(partition)?.endsAt(head, nowMs);
  }

  /** Waits for the batches in the handlers and their positions, then leaves the group. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...[...this.#pumps.values()].map((pump) => pump.stop()), ...this.#ending.values()]);
    const { pool, log } = this.#wiring;
    await pool
      .query(
        `WITH free AS (UPDATE event_log.positions SET owner = NULL WHERE "group" = $1 AND topic = $2 AND owner = $3),
              gone AS (DELETE FROM event_log.members WHERE member = $3)
         SELECT pg_notify('event_log', 'members ' || $2::int || ' ' || $1)`,
        [this.group, log.number, this.member],
      )
      // Where the database is away, the lease ends by itself.
      .catch(() => undefined);
  }

  #end(partition: number, ending: Promise<void>): void {
    this.#ending.set(
      partition,
      ending.finally(() => this.#ending.delete(partition)),
    );
  }

  async #giveBack({ partition, epoch }: { readonly partition: number; readonly epoch: number }): Promise<void> {
    const { pool, log } = this.#wiring;
    await pool
      .query(
        `WITH free AS (UPDATE event_log.positions SET owner = NULL
                       WHERE "group" = $1 AND topic = $2 AND partition = $3 AND owner = $4 AND epoch = $5 RETURNING partition)
         SELECT pg_notify('event_log', 'members ' || $2::int || ' ' || $1) FROM free`,
        [this.group, log.number, partition, this.member, epoch],
      )
      // The next heartbeat finds it owned still, and has it pumped or given back.
      .catch(() => undefined);
  }
}
