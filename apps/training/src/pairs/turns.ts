/** Ids that are read between two turns of the event loop, some tens of milliseconds. */
const idsPerTurn = 1_000_000;

/** Lets others run now and then while ids are read, by which the lease of a run is prolonged. */
export class Turns {
  readonly #signal: AbortSignal;
  #read = 0;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether others are due, now that so many ids more were read. */
  areDue(ids: number): boolean {
    this.#read += ids;
    return this.#read >= idsPerTurn;
  }

  /** Lets them run. Throws the signal's reason when it was aborted. */
  async take(): Promise<void> {
    this.#read = 0;
    await new Promise(setImmediate);
    this.#signal.throwIfAborted();
  }
}
