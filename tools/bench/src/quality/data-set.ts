/** Files of one world, for the command and for its peers, and what only the bench knows. */
export interface DataSet {
  /** Of the task, and so of the model. */
  readonly name: string;
  /** What `adstocrat run --data` is given, with the task beside it. */
  readonly data: string;
  readonly task: string;
  /** Rows to score, without label: the model has seen none of them. */
  readonly test: string;
  /** `<peers>.train.csv`, `.validation.csv` and `.test.csv`, whose last two columns are the label and the true probability. */
  readonly peers: string;
  /** The chance of a click of each row to score. */
  readonly probabilities: Float64Array;
  /** The chances are what came of it, 0 or 1: no ceiling is known. */
  readonly isObserved?: true;
  /** 1 for a row to score whose item no training row has; absent where rows have no items. */
  readonly unseen?: Uint8Array;
}
