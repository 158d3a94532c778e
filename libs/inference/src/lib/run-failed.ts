/**
 * Whose a failed run is: `inputs` the model does not take, as sizes that do not fit or an index beyond a table; `memory` that there was
 * not for what they make; or the `engine`'s own.
 */
export type FaultOf = 'inputs' | 'memory' | 'engine';

/** A run gave no answer. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  readonly of: FaultOf;

  constructor(message: string, of: FaultOf, options?: ErrorOptions) {
    super(message, options);
    this.of = of;
  }

  /** The engine's error, which has no code but its words. */
  static by(error: unknown): RunFailed {
    const { message } = error as Error;
    return new RunFailed(message, faultOf(message), { cause: error });
  }
}

const memory =
  /failed to allocate memory|bad_alloc|bad allocation|allocation failed|available memory of \d+ is smaller than requested bytes/i;
/** Of an input before anything is run. */
const unfitInput =
  /^(?:Invalid rank for input|Got invalid dimensions for input|Unexpected input data type|Invalid input name|input '.*' is missing)/s;
/** Of an operation as it runs: that it does not go with what it is given, in words that are no part of a name in the engine's source. */
const unfitRun =
  /^Non-zero status code returned while running \S+ node\. Name:'.*?' Status Message: .*\b(?:shapes?|broadcast|dimensions?|axis|rank|channels|ind(?:ex|ices)|out of (?:data bounds|range)|negative|division by zero)\b/is;

function faultOf(message: string): FaultOf {
  if (memory.test(message)) return 'memory';
  return unfitInput.test(message) || unfitRun.test(message) ? 'inputs' : 'engine';
}
