import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import type { PlannedClick } from './clicks.ts';
import type { AcceptedClick, SentLog } from './sent-log.ts';
import type { SystemClock } from './system-clock.ts';
import { Tally } from '../tally.ts';

export interface ClickLoadOptions {
  readonly clock: SystemClock;
  /** Feedback's REST, of every instance. */
  readonly urls: readonly string[];
  readonly bus: EventBus;
  readonly accepted: SentLog<AcceptedClick>;
}

/** One in so many goes to the bus itself, as from a system that has its own click stream. */
const busEvery = 10;
const pauseMs = 500;
/** How long one click is tried again before it counts as rejected. */
const patienceMs = 600_000;
/** Clicks on their way at once, at most. */
const maxFlying = 64;

/** Sends clicks when they are due, in turn to every instance, again until each is accepted. */
export class ClickLoad {
  readonly #options: ClickLoadOptions;
  /** By tenths of a wall second. */
  readonly #due = new Map<number, PlannedClick[]>();
  readonly #flying = new Set<Promise<void>>();
  #turn = 0;
  #next = tenth(Date.now());
  /** Accepted, by kind. */
  readonly kinds = new Tally();
  /** What came instead of 202, by status. */
  readonly refusals = new Tally();
  /** Attempts that the bus itself did not take. */
  busRefusals = 0;
  /** From sending a click to the answer that did not take it, at most. */
  slowestRefusalMs = 0;
  /** Refused for good: no click of the campaign should be. */
  readonly rejected: string[] = [];
  /** When the last planned click is due, wall time. */
  lastDueWallMs = 0;
  waiting = 0;

  constructor(options: ClickLoadOptions) {
    this.#options = options;
  }

  add(clicks: readonly PlannedClick[]): void {
    for (const click of clicks) {
      const wallMs = Math.max(Date.now(), this.#options.clock.wallAt(click.dueMs));
      this.lastDueWallMs = Math.max(this.lastDueWallMs, wallMs);
      const slot = Math.max(this.#next, tenth(wallMs));
      const slotted = this.#due.get(slot) ?? [];
      slotted.push(click);
      this.#due.set(slot, slotted);
      this.waiting += 1;
    }
  }

  /** Sends until stopped and everything that was planned is accepted. */
  async run(stopped: AbortSignal): Promise<void> {
    for (; !stopped.aborted || this.waiting > 0; await sleep(50)) {
      for (; this.#next <= tenth(Date.now()); this.#next += 1) {
        for (const click of this.#due.get(this.#next) ?? []) {
          while (this.#flying.size >= maxFlying) await Promise.race(this.#flying);
          const sending: Promise<void> = this.#send(click).finally(() => this.#flying.delete(sending));
          this.#flying.add(sending);
        }
        this.#due.delete(this.#next);
      }
    }
    await Promise.all(this.#flying);
  }

  async #send(click: PlannedClick): Promise<void> {
    const { accepted } = this.#options;
    const { kind, predictionId, model, eventTimeMs, copies } = click;
    const turn = (this.#turn += 1);
    const body = { predictionId, eventTimeMs, ...(model === '' ? undefined : { model }) };
    try {
      if (turn % busEvery === 0) await this.#publish(click);
      else if (copies <= 5) for (let copy = 0; copy < copies; copy += 1) await this.#post(turn + copy, body);
      else {
        await this.#post(turn, body);
        await this.#post(
          turn + 1,
          Array.from({ length: copies - 1 }, () => body),
        );
      }
      accepted.add({ kind, predictionId, model, eventTimeMs, copies });
      this.kinds.add(kind);
    } catch (error) {
      this.rejected.push(`${kind} of "${predictionId}": ${(error as Error).message}`);
    } finally {
      this.waiting -= 1;
    }
  }

  /** Until it is accepted. Throws where it is refused for good. */
  async #post(turn: number, body: unknown): Promise<void> {
    const { urls } = this.#options;
    const until = Date.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      const begunMs = performance.now();
      const url = `${urls[(turn + attempt) % urls.length] ?? ''}/v1/clicks`;
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        if (response.status === 202) return;
        this.slowestRefusalMs = Math.max(this.slowestRefusalMs, performance.now() - begunMs);
        this.refusals.add(String(response.status));
        if (response.status < 500) throw new Rejected(`${response.status}: ${text}`);
      } catch (error) {
        if (error instanceof Rejected) throw error;
        this.refusals.add(
          error instanceof Error && error.name === 'TimeoutError' ? 'no answer in 30 s' : 'not reached',
        );
      }
      if (Date.now() > until) throw new Rejected(`not accepted within ${patienceMs / 1000} s`);
      await sleep(pauseMs);
    }
  }

  async #publish({ predictionId, model, eventTimeMs, copies }: PlannedClick): Promise<void> {
    const events = Array.from({ length: copies }, () => ({
      key: predictionId,
      source: 'campaign',
      event: { predictionId, model, eventTimeMs },
    }));
    for (const until = Date.now() + patienceMs; ;) {
      try {
        await this.#options.bus.publish(topics.clickSeen, events);
        return;
      } catch (error) {
        if (Date.now() > until) throw error;
        this.busRefusals += 1;
        await sleep(pauseMs);
      }
    }
  }
}

class Rejected extends Error {}

function tenth(wallMs: number): number {
  return Math.ceil(wallMs / 100);
}
