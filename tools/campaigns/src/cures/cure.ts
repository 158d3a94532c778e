/** What keeps a promise, and what it becomes where it is taken out. */
export interface Cure {
  /** What the system no longer does. */
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** From the checkout's root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}
