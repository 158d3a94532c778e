import type { LoadConnection, Outcome } from './load-connection.ts';
import { HttpConnection } from './http-connection.ts';

interface Waiting {
  readonly body: Uint8Array;
  readonly done: (outcome: Outcome) => void;
}

/** Connections of HTTP/1.1 as a caller's pool has them: each request takes one that is idle, or waits for the first that is. */
export class HttpConnections implements LoadConnection {
  readonly width: number;
  readonly #all: readonly HttpConnection[];
  readonly #idle: HttpConnection[];
  readonly #waiting: Waiting[] = [];

  private constructor(connections: readonly HttpConnection[]) {
    this.width = connections.length;
    this.#all = connections;
    this.#idle = [...connections];
  }

  static async open(width: number, ...to: Parameters<typeof HttpConnection.open>): Promise<HttpConnections> {
    return new HttpConnections(await Promise.all(Array.from({ length: width }, () => HttpConnection.open(...to))));
  }

  send(body: Uint8Array, done: (outcome: Outcome) => void): void {
    this.#waiting.push({ body, done });
    this.#next();
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #next(): void {
    const connection = this.#idle.at(-1);
    const waiting = connection && this.#waiting.shift();
    if (waiting === undefined) return;
    this.#idle.pop();
    connection?.send(waiting.body, (outcome) => {
      this.#idle.push(connection);
      waiting.done(outcome);
      this.#next();
    });
  }
}
