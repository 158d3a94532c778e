/** Milliseconds of runs after which what was measured before counts half. */
const halfLifeMs = 1000;
/** Of a whole run: what smaller ones take says little of a whole one, since a run of few rows takes nearly as long as one of more. */
const tellingShare = 0.5;

/** A call whose runs are yet to come, counted in whole runs. */
export interface WaitingCall {
  /** So many of its runs have been made. */
  ran(runs: number): void;
  /** It waits for none any more. */
  leave(): void;
}

/**
 * The runs that calls on a model wait for, which are made one at a time, and how long they will take. Runs are counted in whole ones, of as
 * many rows as share one: few rows are a part of one. What they take is measured of whole runs alone, so that nothing waits where none was
 * made.
 */
export class WaitingRuns {
  readonly #left = new Set<{ runs: number }>();
  #busyMs = 0;
  #made = 0;

  /** Milliseconds of a whole run, of late; 0 where none was seen. */
  get runMs(): number {
    return this.#made === 0 ? 0 : this.#busyMs / this.#made;
  }

  /**
   * Milliseconds until those that wait now leave a call of so many runs its last. `inTurn`: calls have one run after the other, so that one
   * of few waits for as many of each other call; else each is made as a whole.
   */
  waitMs(runs: number, inTurn: boolean): number {
    if (this.#made === 0) return 0;
    const most = inTurn ? Math.max(1, runs) : Infinity;
    let before = 0;
    for (const call of this.#left) before += Math.min(call.runs, most);
    return before * this.runMs;
  }

  enter(runs: number): WaitingCall {
    const call = { runs };
    this.#left.add(call);
    return {
      ran: (made) => {
        call.runs = Math.max(0, call.runs - made);
      },
      leave: () => {
        this.#left.delete(call);
      },
    };
  }

  /** A run was made, of so many whole ones. */
  took(runs: number, ms: number): void {
    if (runs < tellingShare) return;
    this.#busyMs += ms;
    this.#made += runs;
    if (this.#busyMs < halfLifeMs) return;
    this.#busyMs /= 2;
    this.#made /= 2;
  }
}
