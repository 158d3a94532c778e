import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningKafka, startKafka } from '@adstocrat/kafka';

/** How a broker goes away: as in a crash, or by hanging with its connections open. */
export type BrokerOutage = 'kill' | 'freeze';

/** The campaign's Kafka broker, which can go away and come back on the same port with the same data. */
export class Broker {
  readonly #kafka: RunningKafka;

  private constructor(kafka: RunningKafka) {
    this.#kafka = kafka;
  }

  static async start(dir: string): Promise<Broker> {
    return new Broker(await startKafka({ dir }));
  }

  get url(): string {
    return `kafka://${this.#kafka.brokers.join(',')}`;
  }

  /** Is away for so many wall milliseconds; resolves once it takes connections again. */
  async away(how: BrokerOutage, ms: number): Promise<void> {
    if (how === 'freeze') {
      this.#kafka.freeze();
      await sleep(ms);
      this.#kafka.thaw();
      return;
    }
    await this.#kafka.kill();
    await sleep(ms);
    await this.#kafka.restart();
  }

  async stop(): Promise<void> {
    // Nothing of its data is needed any more: a clean shutdown takes seconds.
    await this.#kafka.kill();
  }
}
