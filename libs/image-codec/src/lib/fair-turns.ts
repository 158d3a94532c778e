interface Waiting<T> {
  start: number;
  readonly cost: number;
  readonly what: T;
}

interface Lane<T> {
  readonly waiting: Waiting<T>[];
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
    return this.#lanes.get(caller)?.waiting.length ?? 0;
  }

  /** `cost`: of the work, above 0, in any unit. */
  add(caller: string, cost: number, what: T): void {
    const lane = this.#lanes.get(caller) ?? { waiting: [], finish: 0 };
    this.#lanes.set(caller, lane);
    const start = Math.max(this.#now, lane.finish);
    lane.finish = start + cost;
    lane.waiting.push({ start, cost, what });
    this.#waiting += 1;
  }

  /** What is to be done next, of the callers that may. Undefined where none waits. */
  next(may: (caller: string) => boolean): T | undefined {
    let first: Lane<T> | undefined;
    let start = Infinity;
    for (const [caller, lane] of this.#lanes) {
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
    return taken.what;
  }

  /** What waits is not to be done any more: its caller owes nothing for it. Nothing happens where it does not wait. */
  remove(caller: string, what: T): void {
    const lane = this.#lanes.get(caller);
    const at = lane?.waiting.findIndex((one) => one.what === what) ?? -1;
    const [removed] = at < 0 ? [] : (lane?.waiting.splice(at, 1) ?? []);
    if (lane === undefined || removed === undefined) return;
    this.#waiting -= 1;
    // What comes behind moves up, and not into time that has gone.
    const sooner = (time: number): number => (time <= this.#now ? time : Math.max(this.#now, time - removed.cost));
    for (const behind of lane.waiting.slice(at)) behind.start = sooner(behind.start);
    lane.finish = sooner(lane.finish);
  }

  /** Nothing waits, and what was taken is done: nobody owes anybody. */
  rest(): void {
    this.#lanes.clear();
  }
}
