import { auc } from '@adstocrat/metrics';

/** An answered row, for live figures. */
export interface AnsweredRow {
  readonly version: number;
  /** Event time, Unix milliseconds. */
  readonly timeMs: number;
  readonly score: number;
  readonly label: number;
}

const hourMs = 3_600_000;
/** Rows that live figures are taken of: eight minutes of them at the demo's pace. The oldest hours go first. */
const keptRows = 300_000;

/** The newest answered rows, by the hour of their event time: figures of a stretch look at that stretch alone. */
export class AnsweredRows {
  readonly #hours = new Map<number, AnsweredRow[]>();
  #rows = 0;

  add(row: AnsweredRow): void {
    const hour = Math.floor(row.timeMs / hourMs);
    const rows = this.#hours.get(hour);
    if (rows === undefined) this.#hours.set(hour, [row]);
    else rows.push(row);
    this.#rows += 1;
    // Hours come in order: the first key is the oldest.
    for (const [oldest, gone] of this.#hours) {
      if (this.#rows <= keptRows || oldest === hour) break;
      this.#hours.delete(oldest);
      this.#rows -= gone.length;
    }
  }

  /** AUC of rows with fromMs <= timeMs < toMs, of this version where one is named; NaN without clicks. */
  aucBetween(fromMs: number, toMs: number, version?: number): number {
    const rows = [...this.#hours]
      .filter(([hour]) => (hour + 1) * hourMs > fromMs && hour * hourMs < toMs)
      .flatMap(([, all]) => all)
      .filter((row) => row.timeMs >= fromMs && row.timeMs < toMs && (version === undefined || row.version === version));
    return auc({ scores: rows.map(({ score }) => score), labels: rows.map(({ label }) => label) });
  }
}
