/** Share of the time that checkpoints may take. */
const share = 1 / 20;

export interface PaceOptions {
  /** Milliseconds of work that a kill may cost, where a checkpoint is cheap. */
  readonly everyMs: number;
  /** Milliseconds from any origin; default: the process's own clock. */
  readonly nowMs?: () => number;
}

/** When a checkpoint is due: after so much work, and never so often that it takes more than a twentieth of the time. */
export class CheckpointPace {
  readonly #everyMs: number;
  readonly #nowMs: () => number;
  #endedMs: number;
  #tookMs = 0;

  constructor({ everyMs, nowMs = () => performance.now() }: PaceOptions) {
    this.#everyMs = everyMs;
    this.#nowMs = nowMs;
    this.#endedMs = nowMs();
  }

  /** `milestone`: something has ended that would be a pity to do again, so that the share alone counts. */
  isDue(milestone: boolean): boolean {
    const sinceMs = this.#nowMs() - this.#endedMs;
    return sinceMs >= Math.max(milestone ? 0 : this.#everyMs, this.#tookMs * (1 / share - 1));
  }

  /** Does the work of one, and takes its time as the next one's, whether it went well or not. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const begunMs = this.#nowMs();
    try {
      return await work();
    } finally {
      this.#endedMs = this.#nowMs();
      this.#tookMs = this.#endedMs - begunMs;
    }
  }
}
