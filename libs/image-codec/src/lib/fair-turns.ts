/** What was added. */
export interface Waiting<T> {
  readonly caller: string;
  start: number;
  readonly cost: number;
  readonly what: T;
  state: 'waits' | 'removed' | 'taken';
}

interface Lane<T> {
  waiting: Waiting<T>[];
  /** Of them. */
  removed: number;
  /** When all that its caller has asked for would have been done, had others asked for as much. */
  finish: number;
}

/**
 * What waits, of several callers, who get shares of the work that are alike. Start-time fair queueing: P. Goyal, H. Vin, H. Cheng,
 * "Start-time Fair Queueing: A Scheduling Algorithm for Integrated Services Packet Switching Networks", IEEE/ACM Transactions on
 * Networking 5(5), 1997. Time is work: what one asks for starts where what it asked for before ends, and no earlier than what is begun now.
 */
export class FairTurns<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  /** The latest start of what was begun. */
  #now = 0;
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  waitingOf(caller: string): number {
    const lane = this.#lanes.get(caller);
    return lane === undefined ? 0 : lane.waiting.length - lane.removed;
  }

  /** `cost`: of the work, above 0, in any unit. Answers with what {@link FairTurns.remove} takes. */
  add(caller: string, cost: number, what: T): Waiting<T> {
    const lane = this.#lanes.get(caller) ?? { waiting: [], removed: 0, finish: 0 };
    this.#lanes.set(caller, lane);
    this.#close(lane);
    const start = Math.max(this.#now, lane.finish);
    lane.finish = start + cost;
    const one: Waiting<T> = { caller, start, cost, what, state: 'waits' };
    lane.waiting.push(one);
    this.#waiting += 1;
    return one;
  }

  /** What is to be done next, of the callers that may. Undefined where none waits. */
  next(may: (caller: string) => boolean): T | undefined {
    let first: Lane<T> | undefined;
    let start = Infinity;
    for (const [caller, lane] of this.#lanes) {
      this.#close(lane);
      const [head] = lane.waiting;
      if (head === undefined) {
        // It owes nothing any more.
        if (lane.finish <= this.#now) this.#lanes.delete(caller);
      } else if (head.start < start && may(caller)) [first, start] = [lane, head.start];
    }
    const taken = first?.waiting.shift();
    if (taken === undefined) return undefined;
    // One that was passed over starts before: time does not go back for it.
    this.#now = Math.max(this.#now, taken.start);
    this.#waiting -= 1;
    taken.state = 'taken';
    return taken.what;
  }

  /** What waits is not to be done any more: its caller owes nothing for it. Nothing happens where it does not wait. */
  remove(one: Waiting<T>): void {
    const lane = this.#lanes.get(one.caller);
    if (lane === undefined || one.state !== 'waits') return;
    one.state = 'removed';
    lane.removed += 1;
    lane.finish = this.#sooner(lane.finish, one.cost);
    this.#waiting -= 1;
  }

  /** What comes behind removed ones moves up: for all of them at once, before time goes on, as many may be removed together. */
  #close(lane: Lane<T>): void {
    if (lane.removed === 0) return;
    let cost = 0;
    for (const one of lane.waiting) {
      if (one.state === 'removed') cost += one.cost;
      else one.start = this.#sooner(one.start, cost);
    }
    lane.waiting = lane.waiting.filter(({ state }) => state === 'waits');
    lane.removed = 0;
  }

  /** Nothing moves into time that has gone. */
  #sooner(time: number, cost: number): number {
    return time <= this.#now ? time : Math.max(this.#now, time - cost);
  }

  /** Nothing waits, and what was taken is done: nobody owes anybody. */
  rest(): void {
    this.#lanes.clear();
  }
}
