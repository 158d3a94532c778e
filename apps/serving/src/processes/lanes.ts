import { ResourceExhausted, Unavailable } from '@adstocrat/service-kit';

/** Asks that wait or are done: of one name, and of all together. */
const [mostOfOne, mostOfAll] = [8, 256];

/** What a timer can wait. */
const longestTimerMs = 2 ** 31 - 1;

export interface AskOptions {
  /** As long as whoever asks waits, wall milliseconds: what has not been begun by then is not done. */
  readonly withinMs: number;
  /** Whether it is given up for one that overrides it. */
  readonly yields?: boolean;
  /** Has those before it that yield given up, begun or not, once it can begin without them: they reject with this. */
  readonly overrides?: Error;
}

interface Ask extends AskOptions {
  /** As `performance.now()` counts. */
  readonly untilMs: number;
  /** Aborts when it is given up. */
  readonly givenUp: AbortController;
  timer?: NodeJS.Timeout;
  /** It has given up those before it, and begins whatever the time is. */
  begins?: boolean;
}

interface Lane {
  readonly name: string;
  last: Promise<unknown>;
  /** Those that wait or are done, in the order in which they came. */
  readonly asks: Set<Ask>;
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
   * nothing is done nor given up. Work that is given up is not waited for: from when its signal aborts on it must change nothing. Rejects with
   * {@link ResourceExhausted}, at once, where too much is asked already; those that it has given up count no longer.
   */
  async run<T>(name: string, options: AskOptions, work: (givenUp: AbortSignal) => Promise<T>): Promise<T> {
    const { withinMs } = options;
    if (withinMs <= 0) throw late(name);
    const lane = this.#lanes.get(name) ?? { name, last: Promise.resolve(), asks: new Set<Ask>() };
    this.#refuseMore(lane, options);
    const ask: Ask = { ...options, untilMs: performance.now() + withinMs, givenUp: new AbortController() };
    const { signal } = ask.givenUp;
    lane.asks.add(ask);
    this.#asks += 1;
    this.#lanes.set(name, lane);
    const over = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    const refuse = (): void => this.#giveUp(lane, ask, late(name));
    const timer = (): void => {
      refuse();
      this.#makeWay(lane);
    };
    ask.timer = setTimeout(timer, Math.min(withinMs, longestTimerMs));
    const done = lane.last
      .then(() => {
        clearTimeout(ask.timer);
        if (ask.begins !== true && performance.now() >= ask.untilMs) refuse();
        return signal.aborted ? over : Promise.race([work(signal), over]);
      })
      .finally(() => {
        this.#leave(lane, ask);
        this.#makeWay(lane);
      });
    lane.last = done.catch(() => undefined);
    this.#makeWay(lane);
    return Promise.race([done, over]);
  }

  /** Where nothing but what yields is before one that overrides, that is given up, and the one begins. One that is late gives up nothing. */
  #makeWay(lane: Lane): void {
    const before: Ask[] = [];
    for (const ask of lane.asks) {
      if (ask.yields === true) {
        before.push(ask);
        continue;
      }
      if (ask.overrides === undefined || ask.begins === true) return;
      if (performance.now() >= ask.untilMs) {
        this.#giveUp(lane, ask, late(lane.name));
        continue;
      }
      ask.begins = true;
      clearTimeout(ask.timer);
      for (const one of before) this.#giveUp(lane, one, ask.overrides);
      return;
    }
  }

  #giveUp(lane: Lane, ask: Ask, why: Error): void {
    ask.givenUp.abort(why);
    // At once, so that there is room for others.
    this.#leave(lane, ask);
  }

  #leave(lane: Lane, ask: Ask): void {
    clearTimeout(ask.timer);
    if (!lane.asks.delete(ask)) return;
    this.#asks -= 1;
    if (lane.asks.size === 0) this.#lanes.delete(lane.name);
  }

  #refuseMore({ name, asks }: Lane, { overrides }: AskOptions): void {
    const yielding = overrides === undefined ? 0 : [...asks].filter(({ yields }) => yields).length;
    const [ofOne, ofAll] = [asks.size - yielding, this.#asks - yielding];
    if (ofOne >= mostOfOne)
      throw new ResourceExhausted(
        `${ofOne} loads and unloads of '${name}' wait for each other already, at most ${mostOfOne} do: ask again when they are answered`,
      );
    if (ofAll >= mostOfAll)
      throw new ResourceExhausted(
        `${ofAll} loads and unloads wait already, at most ${mostOfAll} do: ask again when some are answered`,
      );
  }
}

function late(name: string): Unavailable {
  return new Unavailable(
    `loads and unloads of '${name}' that came before took too long, this one is not done: ask again`,
  );
}
