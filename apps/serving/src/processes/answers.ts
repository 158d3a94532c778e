/** Questions to another process whose answers come by messages, each with the number of its question. */
export class Answers<T> {
  readonly #waiting = new Map<number, (answer: T | undefined) => void>();
  readonly #withinMs: number;
  #asked = 0;

  /** `withinMs`: wall milliseconds after which there is no answer. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /** Undefined where none comes in time. */
  ask(send: (id: number) => void): Promise<T | undefined> {
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.came(id, undefined), this.#withinMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  came(id: number, answer: T | undefined): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }
}
