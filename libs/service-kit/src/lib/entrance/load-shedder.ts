/** Milliseconds of work after which what was measured before counts half. Answers come in bursts, a turn's together: the pace is a mean over many. */
const halfLifeMs = 1000;
/** Answers that are taken to have cost nothing at first, so that the slow first ones of a server refuse nobody. */
const firstAnswers = 64;
/**
 * What a refusal takes of the time of an answer, about. Where a burst comes, to refuse most of it takes longer than to answer the rest:
 * if that were the answers' time, fewer would be let in of the next burst, and fewer of the one after it.
 */
const refusalShare = 1 / 8;
/** Bytes from which on a call is no longer one of many that are alike: what waits for it is not told by its number. */
const largeBytes = 65_536;

/** A call in progress. */
export interface Place {
  /**
   * Its request is whole, so many bytes. A large one is not counted from then on: what it takes says nothing of others.
   * Until it is whole a call counts for a turn of the event loop and no longer: then it waits for its caller.
   */
  arrived(bytes: number): void;
  /** It has ended: answered, whatever the answer was, or given up by its caller. Only the first time counts. */
  leave(answered: boolean): void;
}

/** Why a call is refused. */
export type Shed = 'target' | 'deadline';

/**
 * What is in progress in a process, and how long it will take. What would be answered too late is refused before it is read, since work
 * for it would make others late too. The pace is measured while there is work: an idle server refuses nothing.
 *
 * A call that comes in while the event loop works is read when it comes around, so that it has waited by then for up to as long as it
 * will wait from then on. Half of a call's time is therefore what may be in progress before it.
 */
export class LoadShedder {
  readonly targetMs: number;
  readonly #nowMs: () => number;
  #calls = 0;
  /** Of late: milliseconds with work in progress, and answers in them, refusals with their share. */
  #busyMs = 0;
  #answers = firstAnswers;
  #lastMs = -Infinity;
  readonly #looks: (() => void)[] = [];

  /** `targetMs`: most that a call may wait for those before it; Infinity: what its own deadline leaves. */
  constructor(targetMs: number, nowMs: () => number = () => performance.now()) {
    this.targetMs = targetMs;
    this.#nowMs = nowMs;
  }

  /** Milliseconds after which what is in progress now will be answered. */
  get waitMs(): number {
    return (this.#calls * this.#busyMs) / this.#answers;
  }

  /** Why a call that comes now, `leftMs` before its deadline, would be answered too late. Undefined: it may {@link enter}. */
  refusal(leftMs: number): Shed | undefined {
    const aroundMs = 2 * this.waitMs;
    if (aroundMs <= Math.min(leftMs, this.targetMs)) return undefined;
    this.#answers += refusalShare;
    return aroundMs > leftMs ? 'deadline' : 'target';
  }

  enter(): Place {
    let state: 'unread' | 'stalled' | 'whole' | 'left' = 'unread';
    let sinceMs = this.#nowMs();
    this.#calls += 1;
    const uncount = (to: 'stalled' | 'left'): boolean => {
      const counted = state === 'unread' || state === 'whole';
      if (counted) this.#calls -= 1;
      state = to;
      return counted;
    };
    this.#lookLater(() => {
      if (state === 'unread') uncount('stalled');
    });
    return {
      arrived: (bytes) => {
        if (bytes > largeBytes) uncount('left');
        if (state === 'left') return;
        if (state === 'stalled') {
          sinceMs = this.#nowMs();
          this.#calls += 1;
        }
        state = 'whole';
      },
      leave: (answered) => {
        if (uncount('left') && answered) this.#answered(sinceMs);
      },
    };
  }

  /** Once this turn of the event loop and the next one are over. */
  #lookLater(look: () => void): void {
    this.#looks.push(look);
    if (this.#looks.length > 1) return;
    setImmediate(() =>
      setImmediate(() => {
        for (const one of this.#looks.splice(0)) one();
      }),
    );
  }

  /** What an answer took: since the one before it, but no longer than its call was there. Others that are there may wait for their callers. */
  #answered(sinceMs: number): void {
    const nowMs = this.#nowMs();
    this.#busyMs += nowMs - Math.max(this.#lastMs, sinceMs);
    this.#answers += 1;
    this.#lastMs = nowMs;
    if (this.#busyMs < halfLifeMs) return;
    this.#busyMs /= 2;
    this.#answers /= 2;
  }
}
