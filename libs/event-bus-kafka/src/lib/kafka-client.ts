import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type Admin, type ISocketFactoryArgs, Kafka, type KafkaConfig, logLevel, type RetryOptions } from 'kafkajs';
import type { KafkaAddress } from './kafka-address.ts';

/**
 * kafkajs' clients for one address, and their sockets. kafkajs waits for answers when it disconnects, and has no way to be told not
 * to: `cut` ends every socket and lets no new one come, after which all that is in flight fails and ends by itself.
 */
export class KafkaClient {
  readonly #address: KafkaAddress;
  readonly #clientId: string;
  readonly #sockets = new Set<Socket>();
  #admin: Promise<Admin> | undefined;
  #cut = false;

  constructor(address: KafkaAddress, clientId: string) {
    this.#address = address;
    this.#clientId = clientId;
  }

  /** A client with so many retries; they hold for its connections too. */
  kafka(retry: RetryOptions, timeouts: Pick<KafkaConfig, 'connectionTimeout' | 'requestTimeout'> = {}): Kafka {
    const { brokers, tls, sasl } = this.#address;
    return new Kafka({
      clientId: this.#clientId,
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: timeouts.connectionTimeout ?? 3000,
      requestTimeout: timeouts.requestTimeout ?? 15_000,
      socketFactory: (wanted) => this.#socket(wanted),
      retry,
      ...(tls === undefined ? {} : { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } }),
      ...(sasl === undefined ? {} : { sasl: { ...sasl } as NonNullable<KafkaConfig['sasl']> }),
    });
  }

  /**
   * Asks the cluster, over one connection that is kept. What a broker that is on its way cannot answer yet is asked again for a
   * few seconds; no broker at all is a failure before that.
   */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#askOnce(question);
      } catch (error) {
        const { name, retriable } = error as { readonly name?: string; readonly retriable?: boolean };
        if (name !== 'KafkaJSProtocolError' || retriable !== true || tries >= 8 || this.#cut) throw error;
        await sleep(Math.min(1000, 50 * 2 ** tries));
      }
    }
  }

  async #askOnce<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= this.#connectAdmin();
    const asked = this.#admin;
    try {
      return await question(await asked);
    } catch (error) {
      if (this.#admin === asked) this.#admin = undefined;
      void asked.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  /** Ends the kept connection, if the broker lets it. */
  async close(): Promise<void> {
    await this.#admin?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connectAdmin(): Promise<Admin> {
    const admin = this.kafka(
      { retries: 4, initialRetryTime: 100, maxRetryTime: 1000 },
      { requestTimeout: 5000 },
    ).admin();
    await admin.connect();
    return admin;
  }

  #socket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
    if (this.#cut) throw new Error('the event bus was closed');
    const socket =
      (ssl as object | undefined) === undefined || (ssl as unknown) === null
        ? connect({ host, port }, onConnect)
        : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
    socket.setKeepAlive(true, 60_000);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
