/** What keeps a promise, and what it becomes where it is taken out. */
export interface Cure {
  /** What the system no longer does. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The spec that must fail without it, from the checkout's root; where it is absent, the small campaign must. */
  readonly spec?: string;
}

export interface Edit {
  /** From the checkout's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}
