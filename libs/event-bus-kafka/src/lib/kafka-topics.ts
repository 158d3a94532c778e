import kafkajs, { type Admin } from 'kafkajs';
import type { KafkaClient } from './kafka-client.ts';

/** The broker stamps events when it appends them: what a client's clock says moves no watermark. */
const stamped = { name: 'message.timestamp.type', value: 'LogAppendTime' };

/** From which offset to which a partition has events: `high` is that of the next one. */
export interface PartitionBounds {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

/** The topics that a bus has to do with, each made where it is not there. Failures are tried again by the next caller. */
export class KafkaTopics {
  readonly #client: KafkaClient;
  readonly #partitions: number;
  readonly #known = new Map<string, Promise<void>>();

  constructor(client: KafkaClient, partitions: number) {
    this.#client = client;
    this.#partitions = partitions;
  }

  /** The topic is there, and stamped by the broker. */
  ready(topic: string): Promise<void> {
    let made = this.#known.get(topic);
    if (made === undefined) {
      made = this.#client
        .ask((admin) => this.#make(admin, topic))
        .catch((error: unknown) => {
          this.#known.delete(topic);
          throw error;
        });
      this.#known.set(topic, made);
    }
    return made;
  }

  async bounds(topic: string): Promise<readonly PartitionBounds[]> {
    await this.ready(topic);
    const offsets = await this.#client.ask((admin) => admin.fetchTopicOffsets(topic));
    return offsets.map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }));
  }

  /** The next offset of each partition for which the group has kept one. */
  async kept(topic: string, groupId: string): Promise<ReadonlyMap<number, bigint>> {
    const [found] = await this.#client.ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const kept = (found?.partitions ?? []).filter(({ offset }) => offset !== '-1');
    return new Map(kept.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  /**
   * Fixes the positions of a group that has none at the end of the topic. kafkajs would look for the end at its first fetch, when
   * events published since the subscription are behind it already; what its admin has for it takes 5 s.
   */
  async beginAtEnd(topic: string, groupId: string): Promise<void> {
    if ((await this.kept(topic, groupId)).size > 0) return;
    const offsets = (await this.bounds(topic)).map(({ partition, high }) => ({
      topic,
      partition,
      offset: String(high),
    }));
    const retry = { retries: 4, initialRetryTime: 100, maxRetryTime: 1000 };
    const consumer = this.#client.kafka(retry).consumer({ groupId, maxWaitTimeInMs: 50, retry });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      // Resolves as a member, with no event taken.
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() });
      await consumer.commitOffsets(offsets);
    } finally {
      await consumer.disconnect();
    }
  }

  async #make(admin: Admin, topic: string): Promise<void> {
    const made = await admin.createTopics({
      topics: [{ topic, numPartitions: this.#partitions, configEntries: [stamped] }],
      waitForLeaders: true,
    });
    if (!made) await this.#stamp(admin, topic);
  }

  /** Changes a topic that others made. kafkajs replaces all of a topic's settings at once: those it had are said again. */
  async #stamp(admin: Admin, topic: string): Promise<void> {
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const entries = resources[0]?.configEntries ?? [];
    if (entries.some(({ configName, configValue }) => configName === stamped.name && configValue === stamped.value))
      return;
    const own = entries.filter(
      ({ isDefault, readOnly, configName }) => !isDefault && !readOnly && configName !== stamped.name,
    );
    const configEntries = [...own.map(({ configName: name, configValue: value }) => ({ name, value })), stamped];
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  }
}
