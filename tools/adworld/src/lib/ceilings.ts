import type { Impression } from './impression.ts';
import { ProbabilityScore, type Score } from './probability-score.ts';

/** A predictor's score in expectation over the clicks, and on the clicks that happened to fall. */
export interface Ceiling extends Score {
  /** The same on the labels in the files: what a model measured on those rows compares with, chance included. */
  readonly onLabels: Score;
}

/** What no model can beat, by what it is told. */
export interface CeilingSet {
  readonly rows: number;
  readonly clicks: number;
  /** The true probability. */
  readonly full: Ceiling;
  /** Every column and the picture's fields. */
  readonly image: Ceiling;
  /** Every column that describes, no picture, and ids that tell nothing. */
  readonly noPixels: Ceiling;
  /** As `noPixels`, but each creative seen in training is known through its id as if it had been shown for ever. */
  readonly noPixelsIdsLearned: Ceiling;
}

/** `ceilings.json`: over the rows of the test period, and those of creatives without a row in training. */
export interface Ceilings {
  readonly all: CeilingSet;
  readonly unseen: CeilingSet;
}

/** The three probabilities of a row, from knowing everything to not seeing the picture. */
export interface Probabilities {
  readonly full: number;
  readonly image: number;
  readonly noPixels: number;
}

class SetOfScores {
  readonly #scores = (['full', 'image', 'noPixels', 'noPixelsIdsLearned'] as const).map((name) => ({
    name,
    expected: new ProbabilityScore(),
    onLabels: new ProbabilityScore(),
  }));
  #clicks = 0;

  add(known: Probabilities & { readonly noPixelsIdsLearned: number }, clicked: number): void {
    this.#clicks += clicked;
    for (const { name, expected, onLabels } of this.#scores) {
      expected.add(known[name], known.full);
      onLabels.add(known[name], clicked);
    }
  }

  result(): CeilingSet {
    const ceiling = (index: number): Ceiling => ({
      ...this.#scores[index]!.expected.score(),
      onLabels: this.#scores[index]!.onLabels.score(),
    });
    return {
      rows: this.#scores[0]!.expected.rows,
      clicks: this.#clicks,
      full: ceiling(0),
      image: ceiling(1),
      noPixels: ceiling(2),
      noPixelsIdsLearned: ceiling(3),
    };
  }
}

/** Gathers ceilings over a history told in order of time. Memory does not grow with the rows. */
export class CeilingScores {
  readonly #all = new SetOfScores();
  readonly #unseen = new SetOfScores();
  readonly #trained = new Set<number>();
  readonly #trainEndMs: number;
  readonly #testStartMs: number;

  /** Rows before `trainEndMs` are training's, rows from `testStartMs` on are the test's. */
  constructor(trainEndMs: number, testStartMs: number) {
    this.#trainEndMs = trainEndMs;
    this.#testStartMs = testStartMs;
  }

  add(impression: Impression, known: Probabilities): void {
    if (impression.timeMs < this.#trainEndMs) this.#trained.add(impression.creative.index);
    if (impression.timeMs < this.#testStartMs) return;
    const seen = this.#trained.has(impression.creative.index);
    const row = { ...known, noPixelsIdsLearned: seen ? known.image : known.noPixels };
    const clicked = impression.clickDelayMs === null ? 0 : 1;
    this.#all.add(row, clicked);
    if (!seen) this.#unseen.add(row, clicked);
  }

  result(): Ceilings {
    return { all: this.#all.result(), unseen: this.#unseen.result() };
  }
}
