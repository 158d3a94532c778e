import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLetterTopic, type Topic } from '@adstocrat/event-bus';
import { type RunningKafka, startKafka } from '@adstocrat/kafka';
import { parseKafkaUrl } from './kafka-address.ts';
import { KafkaEventBus } from './kafka-event-bus.ts';

const words: Topic<string> = {
  name: 'words',
  message: 'spec.Word',
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

describe('a broker with TLS, SASL and the usual delay before a group begins', () => {
  const user = { name: 'alice', password: 'open:sesame@' };
  let kafka: RunningKafka;
  beforeAll(async () => {
    kafka = await startKafka({ secureFor: user, rebalanceDelayMs: 3000 });
  });
  afterAll(() => kafka.stop());

  const open = (scheme: string, credentials: string, query: string): KafkaEventBus => {
    const broker = kafka.secure?.broker ?? '';
    return new KafkaEventBus({ ...parseKafkaUrl(`${scheme}://${credentials}${broker}?${query}`), clientId: 'spec' });
  };
  const ca = (): string => `ca=${encodeURIComponent(kafka.secure?.ca ?? '')}`;
  const alice = `${user.name}:${encodeURIComponent(user.password)}@`;

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('is published to and read from with %s', async (sasl) => {
    const bus = open('kafkas', alice, `sasl=${sasl}&${ca()}`);
    try {
      await bus.ping();
      await bus.publish({ ...words, name: sasl }, [{ key: 'k', source: 'spec', event: sasl }]);
      const read: string[] = [];
      for await (const { event } of bus.scan({ ...words, name: sasl })) read.push(event);
      expect(read).toEqual([sasl]);
    } finally {
      await bus.close();
    }
  });

  it.each([
    { what: 'a wrong password', bus: () => open('kafkas', 'alice:wrong@', `sasl=scram-sha-512&${ca()}`) },
    { what: 'an authority that it does not know', bus: () => open('kafkas', alice, 'sasl=scram-sha-512') },
  ])('is not reached with $what', async ({ bus: make }) => {
    const bus = make();
    try {
      await expect(bus.ping()).rejects.toThrow(/[Aa]uthentication|certificate/);
      await expect(
        bus.publish(words, [{ key: 'k', source: 'spec', event: 'x' }], { timeoutMs: 3000 }),
      ).rejects.toThrow();
    } finally {
      await bus.close();
    }
  });

  it('has its dead letters read to the end, however long the group takes to begin', async () => {
    const bus = open('kafkas', alice, `sasl=scram-sha-512&${ca()}`);
    try {
      const letters = { ...words, name: deadLetterTopic('words') };
      await bus.publish(
        letters,
        Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, source: 'spec', event: `${index}` })),
      );
      const read: string[] = [];
      await bus.subscribe(letters, { group: 'replay' }, (batch) => {
        read.push(...batch.map(({ event }) => event));
        return Promise.resolve();
      });
      while ((await bus.lag(letters.name, 'replay')) > 0) await sleep(50);
      expect(new Set(read).size).toBe(20);
    } finally {
      await bus.close();
    }
  });
});
