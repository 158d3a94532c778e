import { ResourceExhausted, Unavailable } from '@adstocrat/service-kit';

/** Asks that wait or are done: of one name, and of all together. */
const [mostOfOne, mostOfAll] = [8, 256];

/** What a timer can wait. */
const longestTimerMs = 2 ** 31 - 1;

interface Lane {
  last: Promise<unknown>;
  /** Those that wait or are done; each is given up by aborting it. */
  readonly asks: Map<AbortController, AskOptions>;
}

export interface AskOptions {
  /** As long as whoever asks waits, wall milliseconds: what has not been begun by then is not done. */
  readonly withinMs: number;
  /** Whether it is given up for one that overrides it. */
  readonly yields?: boolean;
  /** Has those before it that yield given up, begun or not: they reject with this. */
  readonly overrides?: Error;
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
   * nothing is done. Work that is given up is not waited for: from when its signal aborts on it must change nothing. Rejects with
   * {@link ResourceExhausted}, at once, where too much is asked already.
   */
  async run<T>(name: string, options: AskOptions, work: (givenUp: AbortSignal) => Promise<T>): Promise<T> {
    const { withinMs, overrides } = options;
    const lane = this.#lanes.get(name) ?? { last: Promise.resolve(), asks: new Map<AbortController, AskOptions>() };
    if (overrides !== undefined) this.#giveUp(lane, overrides);
    this.#refuseMore(name, lane.asks.size);
    const untilMs = performance.now() + withinMs;
    const own = new AbortController();
    lane.asks.set(own, options);
    this.#asks += 1;
    this.#lanes.set(name, lane);
    const over = new Promise<never>((_, reject) => {
      own.signal.addEventListener('abort', () => reject(own.signal.reason as Error));
    });
    const refuse = (): void =>
      own.abort(
        new Unavailable(
          `loads and unloads of '${name}' that came before took too long, this one is not done: ask again`,
        ),
      );
    const timer = setTimeout(refuse, Math.min(withinMs, longestTimerMs));
    const done = lane.last.then(() => {
      clearTimeout(timer);
      if (performance.now() >= untilMs) refuse();
      return own.signal.aborted ? over : Promise.race([work(own.signal), over]);
    });
    lane.last = done.catch(() => undefined);
    try {
      return await Promise.race([done, over]);
    } finally {
      this.#leave(lane, own);
      if (lane.asks.size === 0 && this.#lanes.get(name) === lane) this.#lanes.delete(name);
    }
  }

  #giveUp(lane: Lane, why: Error): void {
    for (const [one, { yields = false }] of lane.asks) {
      if (!yields) continue;
      one.abort(why);
      // At once, so that there is room for what overrides them.
      this.#leave(lane, one);
    }
  }

  #leave({ asks }: Lane, one: AbortController): void {
    if (asks.delete(one)) this.#asks -= 1;
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
