import type { Consumer, EachBatchPayload } from 'kafkajs';
import { pause, within } from '@adstocrat/event-bus';
import type { KafkaClient } from './kafka-client.ts';
import type { KafkaTopics } from './kafka-topics.ts';
import { PartitionWork, type Wiring } from './partition-work.ts';

/** Longer than this, and a partition's batch goes on beside the fetches of the others. */
const patienceMs = 500;
const sayEndsEveryMs = 1000;
/** Between an event's stamp and its being visible, and between the clocks of two machines. */
const stampMarginMs = 500;

/** A member of a consumer group on one topic. */
export class KafkaSubscription<T> {
  readonly #wiring: Wiring<T>;
  readonly #groupId: string;
  readonly #topics: KafkaTopics;
  readonly #consumer: Consumer;
  readonly #works = new Map<number, PartitionWork<T>>();
  /** Works of partitions that were taken away, until they are done with what they have in hand. */
  readonly #ending = new Map<number, Promise<void>>();
  readonly #stop = new AbortController();
  #ends: Promise<void> | undefined;
  #joined: Promise<void> | undefined;

  constructor(client: KafkaClient, topics: KafkaTopics, groupId: string, wiring: Omit<Wiring<T>, 'commit'>) {
    this.#groupId = groupId;
    this.#topics = topics;
    this.#wiring = { ...wiring, commit: (partition, offset) => this.#commit(partition, offset) };
    const retry = { retries: 8, initialRetryTime: 100, maxRetryTime: 2000 };
    this.#consumer = client.kafka(retry).consumer({
      groupId,
      sessionTimeout: 10_000,
      heartbeatInterval: 1000,
      // The default of 5 s is also how long a disconnect takes.
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 2_000_000,
      maxBytes: 20_000_000,
      // One that gives up comes back as another member, and the group waits for the first one until its session ends.
      retry: {
        ...retry,
        retries: Number.MAX_SAFE_INTEGER,
        restartOnFailure: () => Promise.resolve(!this.#stop.signal.aborted),
      },
    });
  }

  async start(): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.REBALANCING, () => this.#takeAway());
    this.#consumer.on(events.CRASH, () => this.#takeAway());
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#takeAway();
      for (const partition of payload.memberAssignment[this.#wiring.topic.name] ?? []) this.#work(partition);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.#wiring.topic.name], fromBeginning: true });
    // Joins the group in the background: its position is fixed already.
    this.#joined = this.#consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 64,
        eachBatch: (payload) => this.#take(payload),
      })
      .catch(() => undefined);
    if (this.#wiring.options.onReadUntil !== undefined) this.#ends = this.#sayEnds();
  }

  /** Waits for the batches in the handlers and their positions, then leaves the group. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#takeAway();
    await Promise.all([...this.#ending.values(), this.#ends]);
    // One that leaves before it has come in is a member until its session ends.
    if (this.#joined !== undefined) await within(3000, this.#joined);
    await this.#consumer.disconnect();
  }

  /** A batch is done with, for kafkajs, when it is handled; one that waits for a dependency goes on while others are fetched. */
  async #take({ batch, resolveOffset, pause: pausePartition }: EachBatchPayload): Promise<void> {
    const { partition, messages } = batch;
    const last = messages.at(-1);
    if (last === undefined || this.#stop.signal.aborted) return;
    const work = this.#work(partition);
    const handled = work.handle(messages);
    resolveOffset(last.offset);
    const patience = new AbortController();
    const enough = AbortSignal.any([patience.signal, work.paused]);
    await Promise.race([handled, pause(patienceMs, enough)]);
    patience.abort();
    if (!work.busy) return;
    const resume = pausePartition();
    void handled.then(resume);
  }

  #work(partition: number): PartitionWork<T> {
    let work = this.#works.get(partition);
    if (work === undefined) {
      work = new PartitionWork(this.#wiring, partition, this.#ending.get(partition) ?? Promise.resolve());
      this.#works.set(partition, work);
    }
    return work;
  }

  #takeAway(): void {
    for (const [partition, work] of this.#works) {
      const ending = work.stop();
      this.#ending.set(partition, ending);
      void ending.then(() => {
        if (this.#ending.get(partition) === ending) this.#ending.delete(partition);
      });
    }
    this.#works.clear();
  }

  async #commit(partition: number, offset: bigint): Promise<void> {
    const { name: topic } = this.#wiring.topic;
    await this.#consumer.commitOffsets([{ topic, partition, offset: String(offset) }]);
  }

  /** Tells, about once a second, of partitions whose end has been read. */
  async #sayEnds(): Promise<void> {
    const { signal } = this.#stop;
    for (await pause(sayEndsEveryMs, signal); !signal.aborted; await pause(sayEndsEveryMs, signal)) {
      // Where the broker is away, it is not known how far the log goes.
      const asked = this.#sayEndsOnce().catch(() => undefined);
      await Promise.race([asked, pause(15_000, signal)]);
    }
  }

  async #sayEndsOnce(): Promise<void> {
    const idle = [...this.#works].filter(([, work]) => !work.busy);
    if (idle.length === 0) return;
    const { name: topic } = this.#wiring.topic;
    const askedMs = Date.now();
    const bounds = new Map((await this.#topics.bounds(topic)).map((one) => [one.partition, one]));
    const unknown = idle.some(([, work]) => work.next === undefined);
    const kept = unknown ? await this.#topics.kept(topic, this.#groupId) : new Map<number, bigint>();
    for (const [partition, work] of idle) {
      const { low, high } = bounds.get(partition) ?? { low: 0n, high: 1n };
      work.next = latest(work.next ?? kept.get(partition) ?? low, low);
      const still = !work.busy && this.#works.get(partition) === work;
      if (still && work.next >= high) await within(sayEndsEveryMs, work.sayReadUntil(askedMs - stampMarginMs));
    }
  }
}

/** What was kept may be behind what the broker still has. */
const latest = (one: bigint, other: bigint): bigint => (one > other ? one : other);
