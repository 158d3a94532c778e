import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { ServiceConfig } from '../service-environment.ts';
import { countLimited } from './caller-limits.ts';
import { callerName } from './caller-name.ts';

/** Where Node tells of each connection that a server of this process accepts, whatever speaks over it. */
const accepted = 'net.server.socket';

/** How many connections one address may have open to the servers of this process. What comes on top is reset before a byte of it is read. */
export class ConnectionLimits {
  readonly #most: number;
  /** By caller, none with 0. */
  readonly #open = new Map<string, number>();
  readonly #onAccepted = (message: unknown): void => this.#accept((message as { readonly socket: Socket }).socket);

  constructor({ CALLER_MAX_CONNECTIONS: most }: Pick<ServiceConfig, 'CALLER_MAX_CONNECTIONS'>) {
    this.#most = most;
  }

  start(): void {
    subscribe(accepted, this.#onAccepted);
  }

  stop(): void {
    unsubscribe(accepted, this.#onAccepted);
  }

  /** Connections that are open now. */
  get open(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0);
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    const name = callerName(undefined, remoteAddress);
    const before = this.#open.get(name) ?? 0;
    if (before >= this.#most) {
      countLimited('CALLER_MAX_CONNECTIONS');
      // The server has yet to hear of it.
      setImmediate(() => socket.resetAndDestroy());
      return;
    }
    this.#open.set(name, before + 1);
    socket.once('close', () => {
      const left = (this.#open.get(name) ?? 1) - 1;
      if (left === 0) this.#open.delete(name);
      else this.#open.set(name, left);
    });
  }
}
