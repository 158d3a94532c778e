import { type EncodedEvent, EventRefused } from './cloud-event.ts';
import { TransientFailure } from './event-bus.ts';
import { pause } from './pause.ts';

export interface SendQueueOptions {
  /**
   * Writes events of one topic durably, all or none where the broker can. Throws {@link EventRefused} with the place of an event
   * that it never takes. Aborted when nobody waits for them any more.
   */
  readonly write: (topic: string, events: readonly EncodedEvent[], signal: AbortSignal) => Promise<void>;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** What one caller waits for: all of its events, in as many writes as they need. */
interface Caller {
  readonly topic: string;
  settled: boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface Part {
  readonly caller: Caller;
  readonly events: readonly EncodedEvent[];
  /** Place of the first one among all of the caller's. */
  readonly from: number;
  readonly bytes: number;
  readonly last: boolean;
}

/**
 * Keeps one write in flight and lets callers that wait meanwhile share the next: order is kept whatever is tried again, and many
 * small publishes cost as much as a large one.
 */
export class SendQueue {
  readonly #options: SendQueueOptions;
  #waiting: Part[] = [];
  #flying: { readonly share: readonly Part[]; readonly stop: AbortController } | undefined;
  #drained: Promise<void> | undefined;

  constructor(options: SendQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the events are durable, in order. Throws what `write` throws, or {@link TransientFailure} after `timeoutMs`. */
  async send(topic: string, events: readonly EncodedEvent[], timeoutMs: number): Promise<void> {
    if (events.length === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const caller: Caller = { topic, settled: false, resolve, reject };
    this.#waiting.push(...this.#parts(caller, events));
    this.#drained ??= this.#drain();
    const timer = setTimeout(() => {
      this.#settle(caller, new TransientFailure(`${topic}: no acknowledgement within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for what was handed over, at most `graceMs`; gives up the rest with a {@link TransientFailure}. */
  async close(graceMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.#drained, pause(graceMs, over.signal)]);
    over.abort();
    const left = new Set([...(this.#flying?.share ?? []), ...this.#waiting].map(({ caller }) => caller));
    for (const caller of left)
      this.#settle(caller, new TransientFailure(`${caller.topic}: the bus was closed before an acknowledgement came`));
  }

  #settle(caller: Caller, error?: unknown): void {
    if (caller.settled) return;
    caller.settled = true;
    if (error === undefined) caller.resolve();
    else caller.reject(error);
    if (this.#flying?.share.every((part) => part.caller.settled) === true) this.#flying.stop.abort(error);
  }

  async #drain(): Promise<void> {
    // Callers of the same moment ride together.
    await Promise.resolve();
    for (let share = this.#nextShare(); share.length > 0; share = this.#nextShare()) {
      const stop = new AbortController();
      this.#flying = { share, stop };
      try {
        await this.#options.write(
          share[0]?.caller.topic ?? '',
          share.flatMap(({ events }) => events),
          stop.signal,
        );
        this.#flying = undefined;
        for (const { caller, last } of share) if (last) this.#settle(caller);
      } catch (error) {
        this.#flying = undefined;
        this.#fail(share, error);
      }
    }
    this.#drained = undefined;
  }

  /** An event that is refused is the failure of its caller alone: the others' are written again. */
  #fail(share: readonly Part[], error: unknown): void {
    if (!(error instanceof EventRefused)) {
      for (const { caller } of share) this.#settle(caller, error);
      return;
    }
    let before = 0;
    for (const part of share) {
      const index = error.index - before;
      before += part.events.length;
      if (index < 0 || index >= part.events.length) continue;
      this.#settle(part.caller, new EventRefused(part.from + index, error.message, { cause: error }));
    }
    this.#waiting.unshift(...share);
  }

  /** The longest-waiting part and those behind it of the same topic, within bounds. What nobody waits for is dropped. */
  #nextShare(): readonly Part[] {
    this.#waiting = this.#waiting.filter(({ caller }) => !caller.settled);
    const topic = this.#waiting[0]?.caller.topic;
    let [taken, events, bytes] = [0, 0, 0];
    for (const part of this.#waiting) {
      events += part.events.length;
      bytes += part.bytes;
      const full = events > this.#options.maxEvents || bytes > this.#options.maxBytes;
      if (part.caller.topic !== topic || (taken > 0 && full)) break;
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }

  #parts(caller: Caller, events: readonly EncodedEvent[]): readonly Part[] {
    const parts: Part[] = [];
    let [start, bytes] = [0, 0];
    for (const [index, event] of events.entries()) {
      const size = event.data.length + 300;
      if (index > start && (index - start >= this.#options.maxEvents || bytes + size > this.#options.maxBytes)) {
        parts.push({ caller, events: events.slice(start, index), from: start, bytes, last: false });
        [start, bytes] = [index, 0];
      }
      bytes += size;
    }
    parts.push({ caller, events: events.slice(start), from: start, bytes, last: true });
    return parts;
  }
}
