import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topic } from '@adstocrat/event-bus';
import { type RunningKafka, startKafka } from '@adstocrat/kafka';
import { KafkaEventBus } from './kafka-event-bus.ts';

const numbers: Topic<string> = {
  name: 'numbers',
  message: 'spec.Number',
  encode: (value) => new TextEncoder().encode(value.padEnd(300, '.')),
  decode: (bytes) => new TextDecoder().decode(bytes).replace(/\.+$/, ''),
};

/**
 * Stands between client and broker. When armed it lets a request through, and then cuts the connection in place of the answer to
 * a large one: the broker has the events, and the client does not know it.
 */
class AckLosingProxy {
  armed = false;
  cuts = 0;
  brokerPort = 0;
  readonly server: Server = createServer((client) => this.#join(client));

  #join(client: Socket): void {
    const broker = connect(this.brokerPort, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      socket.on('error', cut);
      socket.on('close', cut);
    }
    let producing = false;
    client.on('data', (bytes) => {
      if (bytes.length > 5000) producing = true;
      broker.write(bytes);
    });
    broker.on('data', (bytes) => {
      if (this.armed && producing) {
        this.armed = false;
        this.cuts += 1;
        cut();
        return;
      }
      producing = false;
      client.write(bytes);
    });
  }
}

describe('KafkaEventBus behind a wire that loses acknowledgements', () => {
  const proxy = new AckLosingProxy();
  let kafka: RunningKafka;
  let bus: KafkaEventBus;

  beforeAll(async () => {
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    const { port } = proxy.server.address() as AddressInfo;
    kafka = await startKafka({ advertisedPort: port });
    proxy.brokerPort = Number(kafka.brokers[0]?.split(':')[1]);
    bus = new KafkaEventBus({ brokers: [`127.0.0.1:${port}`], clientId: 'spec' });
  });
  afterAll(async () => {
    await bus.close();
    proxy.server.close();
    await kafka.stop();
  });

  it('delivers every acknowledged event, and none twice', async () => {
    const seen = new Map<string, number>();
    await bus.subscribe(numbers, { group: 'spec' }, (batch) => {
      for (const { event } of batch) seen.set(event, (seen.get(event) ?? 0) + 1);
      return Promise.resolve();
    });
    const acknowledged = new Set<string>();
    let next = 0;
    const until = Date.now() + 5000;
    const publisher = async (): Promise<void> => {
      while (Date.now() < until) {
        const values = Array.from({ length: 50 }, () => String(next++));
        await bus.publish(
          numbers,
          values.map((value) => ({ key: `k${Number(value) % 17}`, source: 'spec', event: value })),
        );
        for (const value of values) acknowledged.add(value);
      }
    };
    const arming = setInterval(() => {
      proxy.armed = true;
    }, 300);
    await Promise.all(Array.from({ length: 4 }, publisher));
    clearInterval(arming);
    proxy.armed = false;
    for (const end = Date.now() + 15_000; seen.size < acknowledged.size && Date.now() < end;) await sleep(50);
    // With two sends in flight, kafkajs was seen to lose 500 to 2,450 events here.
    expect(proxy.cuts).toBeGreaterThan(5);
    expect(acknowledged.size).toBeGreaterThan(1000);
    expect([...acknowledged].filter((value) => !seen.has(value))).toEqual([]);
    expect([...seen.values()].filter((times) => times > 1)).toEqual([]);
  }, 60_000);
});
