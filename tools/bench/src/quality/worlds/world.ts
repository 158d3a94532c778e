/** One value of a column; an empty text is missing. */
export type Value = string | number;

/** One row of a world, with the chance that its label is 1. */
export interface WorldRow {
  readonly values: readonly Value[];
  readonly probability: number;
}

/** A law of clicks. Its constants are drawn from the seed, so that nobody tunes to one world. */
export interface World {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows in the order of time; the same for the same seed. */
  rows(count: number): Iterable<WorldRow>;
}

export type MakeWorld = (seed: number) => World;
