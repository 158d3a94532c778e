/** Milliseconds of runs after which what was measured before counts half. */
const halfLifeMs = 1000;
/** Elements from which on a run tells the pace: what smaller ones take is mostly what any run takes. */
const tellingElements = 16_384;

/** What a call asks for: elements of its inputs, and runs in which they are made. */
export interface CallSize {
  readonly elements: number;
  readonly runs: number;
}

/** A call whose runs are yet to come. */
export interface WaitingCall {
  /** One of its runs has been made. */
  ran(): void;
  /** It waits for none any more. */
  leave(): void;
}

/**
 * The runs that calls on a model wait for, which are made one at a time, and how long they will take: by the elements that runs were given
 * of late, since rows of one model may be of any length. A run of few elements tells no more than that the pace is better than was thought:
 * one that was held up once is not taken for slow for longer than the next runs take.
 */
export class WaitingRuns {
  #calls = 0;
  /** Elements that wait: of all runs, and of the next run of each call. */
  #all = 0;
  #next = 0;
  readonly #large = new Set<{ left: number; readonly ofRun: number }>();
  #busyMs = 0;
  #made = 0;

  /** Milliseconds that so many elements take, of late; 0 where that is not known. */
  msOf(elements: number): number {
    return this.#made === 0 ? 0 : (elements * this.#busyMs) / this.#made;
  }

  /**
   * Milliseconds until those that wait now leave a call of so many runs its last. `inTurn`: calls have one run after the other, so that one
   * of few waits for as many of each other call; else each is made as a whole.
   */
  waitMs(runs: number, inTurn: boolean): number {
    if (this.#made === 0) return 0;
    if (!inTurn) return this.msOf(this.#all);
    let before = this.#next;
    // Those of one run are counted: of longer ones as many more runs come first.
    if (runs > 1)
      for (const { left, ofRun } of this.#large) before += Math.min(left, runs * ofRun) - Math.min(left, ofRun);
    return this.msOf(before);
  }

  enter({ elements, runs }: CallSize): WaitingCall {
    const call = { left: elements, ofRun: elements / Math.max(1, runs) };
    this.#calls += 1;
    this.#count(call, 1);
    if (runs > 1) this.#large.add(call);
    return {
      ran: () => {
        this.#count(call, -1);
        call.left = Math.max(0, call.left - call.ofRun);
        this.#count(call, 1);
      },
      leave: () => {
        this.#calls -= 1;
        this.#count(call, -1);
        this.#large.delete(call);
        // Parts of sums that are no whole numbers leave something behind.
        if (this.#calls === 0) this.#all = this.#next = 0;
      },
    };
  }

  /** A run was made. */
  took(elements: number, ms: number): void {
    if (elements === 0) return;
    if (elements < tellingElements && (this.#made === 0 || ms >= this.msOf(elements))) return;
    this.#busyMs += ms;
    this.#made += elements;
    if (this.#busyMs < halfLifeMs) return;
    this.#busyMs /= 2;
    this.#made /= 2;
  }

  #count({ left, ofRun }: { readonly left: number; readonly ofRun: number }, sign: 1 | -1): void {
    this.#all += sign * left;
    this.#next += sign * Math.min(left, ofRun);
  }
}
