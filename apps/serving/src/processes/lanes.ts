import { ResourceExhausted, Unavailable } from '@adstocrat/service-kit';

/** Asks that wait or are done: of one name, and of all together. */
const [mostOfOne, mostOfAll] = [8, 256];

/** What a timer can wait. */
const longestTimerMs = 2 ** 31 - 1;

interface Lane {
  last: Promise<unknown>;
  asks: number;
}

/**
 * Asks about things that have names: one at a time of each, in the order in which they came, and those of different names beside each
 * other. A name is known only as long as something is asked of it, so that strangers' names do not pile up.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #asks = 0;

  /** Names that something is asked of now. */
  get names(): number {
    return this.#lanes.size;
  }

  /**
   * Does `work` when its turn comes, unless that is later than whoever asked waits for: after so long it rejects with {@link Unavailable}, and
   * nothing is done. Rejects with {@link ResourceExhausted}, at once, where too much is asked already.
   */
  async run<T>(name: string, withinMs: number, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(name) ?? { last: Promise.resolve(), asks: 0 };
    this.#refuseMore(name, lane.asks);
    const untilMs = performance.now() + withinMs;
    lane.asks += 1;
    this.#asks += 1;
    this.#lanes.set(name, lane);
    const late = Promise.withResolvers<never>();
    const refuse = (): void =>
      late.reject(
        new Unavailable(
          `loads and unloads of '${name}' that came before took too long, this one is not done: ask again`,
        ),
      );
    const timer = setTimeout(refuse, Math.min(withinMs, longestTimerMs));
    const done = lane.last.then(() => {
      clearTimeout(timer);
      if (performance.now() < untilMs) return work();
      refuse();
      return late.promise;
    });
    lane.last = done.catch(() => undefined);
    try {
      return await Promise.race([done, late.promise]);
    } finally {
      lane.asks -= 1;
      this.#asks -= 1;
      if (lane.asks === 0) this.#lanes.delete(name);
    }
  }

  #refuseMore(name: string, asks: number): void {
    if (asks >= mostOfOne)
      throw new ResourceExhausted(
        `${asks} loads and unloads of '${name}' wait for each other already, at most ${mostOfOne} do: ask again when they are answered`,
      );
    if (this.#asks >= mostOfAll)
      throw new ResourceExhausted(
        `${this.#asks} loads and unloads wait already, at most ${mostOfAll} do: ask again when some are answered`,
      );
  }
}
