/** What a place held of a person's rows. */
export interface ForgottenRows {
  readonly place: string;
  readonly found: number;
  /** Of them still there; in a dry run all. */
  readonly left: number;
  /** Why those that are left are; '' where none is. */
  readonly why: string;
}

/** Rows of a place that is wholly in hand. */
export function taken(place: string, found: number, dryRun: boolean): ForgottenRows {
  const isLeft = dryRun && found > 0;
  return { place, found, left: isLeft ? found : 0, why: isLeft ? 'nothing was changed: a dry run' : '' };
}

/** A place that cannot be read, which counts as one row: nobody knows how many it holds. */
export function unreadable(place: string, error: Error): ForgottenRows {
  return {
    place,
    found: 1,
    left: 1,
    why: `it cannot be read, so that it is not known whether it holds any: ${error.message}`,
  };
}
