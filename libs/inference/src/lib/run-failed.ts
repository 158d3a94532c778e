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

const memory = /failed to allocate memory|bad_alloc|bad allocation|allocation failed/i;
/** Of an input before anything is run, and of an operation that does not go with what it was given. */
const inputs =
  /^(?:Invalid rank for input|Got invalid dimensions for input|Unexpected input data type|Invalid input name|input '.*' is missing)|^Non-zero status code returned while running/s;

function faultOf(message: string): FaultOf {
  if (memory.test(message)) return 'memory';
  return inputs.test(message) ? 'inputs' : 'engine';
}
