import { setTimeout as sleep } from 'node:timers/promises';

/** What one look at a model came to: look again after so long, or when woken. */
export type Look = { readonly againInMs: number } | 'idle';

/**
 * Works on each model one step at a time, each model beside the others. Nothing is kept here: a step reads what is
 * recorded and writes what it did, so a new process goes on where a killed one was. A step that throws is taken again,
 * later and later, up to half a minute: its dependency is away.
 */
export class ModelLoops {
  readonly #look: (model: string, signal: AbortSignal) => Promise<Look>;
  readonly #onError: (model: string, error: unknown, retryMs: number) => void;
  readonly #stopping = new AbortController();
  readonly #loops = new Map<string, { wake: () => void; readonly ended: Promise<void> }>();

  constructor(
    look: (model: string, signal: AbortSignal) => Promise<Look>,
    onError: (model: string, error: unknown, retryMs: number) => void,
  ) {
    this.#look = look;
    this.#onError = onError;
  }

  /** Has a model looked at now. */
  wake(model: string): void {
    if (this.#stopping.signal.aborted) return;
    const loop = this.#loops.get(model);
    if (loop) loop.wake();
    else {
      const entry = { wake: () => {}, ended: Promise.resolve() };
      this.#loops.set(model, Object.assign(entry, { ended: this.#run(model, entry) }));
    }
  }

  /** Ends every loop: a step in progress is asked to give up by its signal, and waited for. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#loops.values()].map((loop) => loop.ended));
  }

  async #run(model: string, entry: { wake: () => void }): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      // Set before looking, so that what happens meanwhile is not missed.
      const woken = new AbortController();
      entry.wake = () => woken.abort();
      let waitMs: number;
      try {
        const look = await this.#look(model, signal);
        failures = 0;
        waitMs = look === 'idle' ? 2 ** 30 : look.againInMs;
      } catch (error) {
        if (signal.aborted) return;
        waitMs = Math.min(30_000, 250 * 2 ** failures++);
        this.#onError(model, error, waitMs);
      }
      if (waitMs > 0)
        await sleep(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]), ref: false }).catch(() => {});
    }
  }
}
