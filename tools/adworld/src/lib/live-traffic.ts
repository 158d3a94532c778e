import type { Creative } from './catalogue.ts';
import { driftEffect, type Drift, type DriftEffect } from './drift.ts';
import {
  adColumns,
  adValues,
  impressionColumns,
  impressionValues,
  imagePath,
  type ColumnValue,
  type Impression,
} from './impression.ts';
import { Random } from './random.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world-options.ts';
import { creativeImage } from './write-ads.ts';

const minuteMs = 60_000;

export interface LiveOptions extends WorldOptions {
  /** Impressions in an hour of event time. Default 3,600. */
  readonly rowsPerHour?: number;
  readonly drift?: Drift;
}

/** An ad about to be shown, and what will come of it. */
export interface LiveImpression {
  readonly id: string;
  /** Event time, Unix milliseconds. */
  readonly timeMs: number;
  /** The impression's own columns, as in the CSV, without the label. Missing: null. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  /** The ad's columns, as in `ads.csv`, without the key, which {@link columns} holds. */
  readonly adColumns: Readonly<Record<string, ColumnValue>>;
  readonly creativeId: string;
  /** Path of the picture below the world's folder. */
  readonly imagePath: string;
  /** Event time from the impression to the click; null: no click, ever. Hidden from models. */
  readonly clickDelayMs: number | null;
  /** Hidden from models. */
  readonly trueProbability: number;
  /** The probability with every column and the picture known: the best a model can say. Hidden from models. */
  readonly imageProbability: number;
}

/** Impressions of a stretch of event time. */
export interface LivePage {
  readonly fromMs: number;
  readonly toMs: number;
  /** In order of time. */
  readonly impressions: readonly LiveImpression[];
}

/**
 * The days after a world's history. What happens in a minute of event time depends on the options and that minute
 * only, so any cut of time into pages gives the same impressions, and a page can be asked for again.
 */
export class LiveTraffic {
  readonly #world: World;
  readonly #rowsPerMinute: number;
  readonly #drift: DriftEffect | undefined;
  readonly #byId: ReadonlyMap<string, Creative>;

  /** Give the options of the history, and those of the traffic. Throws `RangeError` for one out of range. */
  constructor(options: LiveOptions = {}) {
    const rowsPerHour = options.rowsPerHour ?? 3600;
    if (!(rowsPerHour > 0 && rowsPerHour <= 6e7))
      throw new RangeError(`rowsPerHour must be in (0, 60000000], got ${rowsPerHour}`);
    this.#world = new World(options);
    this.#rowsPerMinute = rowsPerHour / 60;
    this.#drift = options.drift === undefined ? undefined : driftEffect(options.drift);
    this.#byId = new Map(this.#world.creatives.map((creative) => [creative.id, creative]));
  }

  /** First instant after the history, Unix milliseconds. */
  get startMs(): number {
    return this.#world.settings.endMs;
  }

  /** Last instant for which the catalogue holds launches; later traffic shows ever older ads. */
  get endMs(): number {
    return this.startMs + this.#world.settings.liveDays * 24 * 60 * minuteMs;
  }

  /** Impressions with fromMs <= timeMs < toMs. Throws `RangeError` before {@link startMs} or after {@link endMs}. */
  page(fromMs: number, toMs: number): LivePage {
    if (!(fromMs >= this.startMs && toMs >= fromMs && toMs <= this.endMs)) {
      throw new RangeError(
        `live traffic runs from ${this.startMs} to ${this.endMs}, got ${fromMs} to ${toMs}: more live days give more`,
      );
    }
    const impressions: LiveImpression[] = [];
    for (
      let minute = Math.floor((fromMs - this.startMs) / minuteMs);
      this.startMs + minute * minuteMs < toMs;
      minute++
    ) {
      for (const impression of this.#minute(minute)) {
        if (impression.timeMs >= fromMs && impression.timeMs < toMs) impressions.push(this.#live(impression));
      }
    }
    return { fromMs, toMs, impressions };
  }

  /** About how many impressions a stretch holds, without making them. */
  rowsBetween(fromMs: number, toMs: number): number {
    return Math.round(((toMs - fromMs) / minuteMs) * this.#rowsPerMinute);
  }

  /** The PNG of a creative. Throws `RangeError` for an id that is not in the catalogue. */
  image(creativeId: string): Uint8Array {
    const creative = this.#byId.get(creativeId);
    if (creative === undefined) throw new RangeError(`the catalogue holds no creative ${creativeId}`);
    return creativeImage(this.#world, creative);
  }

  #minute(minute: number): readonly Impression[] {
    const { seed, endMs } = this.#world.settings;
    const random = new Random(seed, 'live', minute);
    const rows = Math.round((minute + 1) * this.#rowsPerMinute) - Math.round(minute * this.#rowsPerMinute);
    const offsets = Float64Array.from({ length: rows }, () => random.below(minuteMs)).sort();
    return Array.from(offsets, (offset, index) =>
      this.#world.impression(random, endMs + minute * minuteMs + offset, minute + 1, index, this.#drift),
    );
  }

  #live(impression: Impression): LiveImpression {
    const { creative } = impression;
    return {
      id: impression.id,
      timeMs: impression.timeMs,
      columns: record(impressionColumns, impressionValues(impression)),
      adColumns: record(adColumns.slice(1), adValues(creative).slice(1)),
      creativeId: creative.id,
      imagePath: `creatives/${imagePath(creative)}`,
      clickDelayMs: impression.clickDelayMs,
      trueProbability: impression.probability,
      imageProbability: this.#world.response.at(impression.imageLogit),
    };
  }
}

function record(names: readonly string[], values: readonly ColumnValue[]): Readonly<Record<string, ColumnValue>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}
