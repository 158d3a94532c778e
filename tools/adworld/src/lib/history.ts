import type { Impression } from './impression.ts';
import { Random } from './random.ts';
import { trafficAt } from './traffic-profile.ts';
import type { World } from './world.ts';
import { hourMs } from './world-options.ts';

/** The past of a world: a fixed number of impressions over its months, in order of time. */
export class History {
  readonly #world: World;
  /** [hours + 1] rows before each hour. */
  readonly #before: Float64Array;
  readonly rows: number;

  /** Throws `RangeError` unless `rows` is a whole number from 1 to 2^31. */
  constructor(world: World, rows: number) {
    if (!Number.isInteger(rows) || rows < 1 || rows > 2 ** 31)
      throw new RangeError(`rows must be a whole number from 1 to ${2 ** 31}, got ${rows}`);
    this.#world = world;
    this.rows = rows;
    const { startMs, endMs } = world.settings;
    const sums = new Float64Array((endMs - startMs) / hourMs + 1);
    for (let hour = 0; hour + 1 < sums.length; hour++) {
      sums[hour + 1] = sums[hour]! + trafficAt(startMs + hour * hourMs);
    }
    const total = sums.at(-1)!;
    this.#before = sums.map((sum) => Math.round((rows * sum) / total));
  }

  get hours(): number {
    return this.#before.length - 1;
  }

  /** Impressions of one hour, in order of time. `hour` counts from the history's start. */
  hour(hour: number): readonly Impression[] {
    const { seed, startMs } = this.#world.settings;
    const first = this.#before[hour]!;
    const random = new Random(seed, 'history', hour);
    const offsets = Float64Array.from({ length: this.#before[hour + 1]! - first }, () =>
      Math.floor(random.uniform() * hourMs),
    ).sort();
    return Array.from(offsets, (offset, index) =>
      this.#world.impression(random, startMs + hour * hourMs + offset, 0, first + index),
    );
  }

  /** Unix milliseconds of the last impression. */
  get lastMs(): number {
    for (let hour = this.hours - 1; ; hour--) {
      const last = this.hour(hour).at(-1);
      if (last !== undefined) return last.timeMs;
    }
  }
}
