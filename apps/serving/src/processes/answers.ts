/** Questions to another process whose answers come by messages, each with the number of its question. */
export class Answers<T> {
  readonly #waiting = new Map<number, (answer: T | undefined) => void>();
  #asked = 0;

  /** Undefined where none comes within so many wall milliseconds. */
  ask(withinMs: number, send: (id: number) => void): Promise<T | undefined> {
    const id = (this.#asked += 1);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.came(id, undefined), withinMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      send(id);
    });
  }

  /** No more will come. */
  end(): void {
    for (const id of [...this.#waiting.keys()]) this.came(id, undefined);
  }

  came(id: number, answer: T | undefined): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }
}
