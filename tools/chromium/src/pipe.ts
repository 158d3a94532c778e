import type { Readable, Writable } from 'node:stream';

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The DevTools protocol over a browser's pipe: JSON, a NUL behind each message. */
export class Pipe {
  readonly #to: Writable;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 0;
  #rest = '';
  #ended: Error | undefined;

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    // What cannot be written any more is said by the end of the process.
    to.on('error', () => undefined);
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      const messages = (this.#rest + chunk).split('\0');
      this.#rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
  }

  /** Sends a command, to a session where one is named. Rejects with the browser's words, or once the browser has ended. */
  async send<T>(method: string, parameters: object = {}, sessionId?: string): Promise<T> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = (this.#next += 1);
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#to.write(`${JSON.stringify({ id, method, params: parameters, sessionId })}\0`);
    return (await answer.promise) as T;
  }

  /** The browser has ended: nobody answers any more. */
  end(reason: Error): void {
    this.#ended = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  #take({ id = 0, result, error }: Answer): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(`Chromium: ${error.message}`));
  }
}
