import { sizeOf } from './amount.ts';

/** What a step has done, of how much. */
export interface Done {
  readonly step: string;
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
  /** What is counted: bytes, rows, images, …; '' where it is nothing. */
  readonly unit: string;
  /** Rows so far, where `done` counts something else; 0 where that is not known. */
  readonly rows: number;
}

/** A rate over less time than this says nothing, wall milliseconds. */
const settledMs = 1000;

/** How fast a step goes and how long it will take, from what it has done since it was first heard of. */
export class Pace {
  #first: { readonly step: string; readonly done: number; readonly atMs: number } | undefined;

  /** After a step's percentage: `of 3.4 MB, 120,000 rows, 1.7 MB/s, about 40 s left`, without what is not known. `nowMs`: of one clock. */
  say({ step, done, total, unit, rows }: Done, nowMs: number): string {
    // A step that goes back is done again, by another process.
    if (this.#first?.step !== step || done < this.#first.done) this.#first = { step, done, atMs: nowMs };
    const amount = (count: number): string => (unit === 'bytes' ? sizeOf(count) : `${wholeOf(count)} ${unit}`);
    const seconds = (nowMs - this.#first.atMs) / 1000;
    const rate = seconds * 1000 < settledMs ? 0 : (done - this.#first.done) / seconds;
    const words = [
      total > 0 && unit !== '' ? `of ${amount(total)}` : done > 0 ? unit : '',
      rows > 0 ? `${wholeOf(rows)} rows` : '',
      rate > 0 && unit !== '' ? `${amount(rate)}/s` : '',
      rate > 0 && total > done ? `about ${timeOf((total - done) / rate)} left` : '',
    ];
    return words.filter((word) => word !== '').join(', ');
  }
}

const wholeOf = (count: number): string => Math.round(count).toLocaleString('en');

/** Seconds for people: `40 s`, `12 min`, `3.5 h`. */
export function timeOf(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
