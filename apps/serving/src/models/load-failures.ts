import { loadRetryMs } from '@adstocrat/servables';
import type { WantedVersion } from './fetch-servable.ts';

/** Versions that did not load, and when they may be tried again: looking at the registry every 2 s is no reason to fetch them so often. */
export class LoadFailures {
  readonly #failed = new Map<string, { readonly model: string; readonly failures: number; readonly againMs: number }>();

  add(model: string, wanted: WantedVersion): void {
    const failures = (this.#failed.get(keyOf(model, wanted))?.failures ?? 0) + 1;
    this.#failed.set(keyOf(model, wanted), { model, failures, againMs: performance.now() + loadRetryMs(failures) });
  }

  holdsBack(model: string, wanted: WantedVersion): boolean {
    return performance.now() < (this.#failed.get(keyOf(model, wanted))?.againMs ?? 0);
  }

  /** What is tried now, or has loaded; without a version, all of the model's. */
  forget(model: string, wanted?: WantedVersion): void {
    if (wanted !== undefined) this.#failed.delete(keyOf(model, wanted));
    else for (const [key, failed] of this.#failed) if (failed.model === model) this.#failed.delete(key);
  }
}

/** Another digest under the same number is another version. */
function keyOf(model: string, { version, digest }: WantedVersion): string {
  return `${version}/${digest}/${model}`;
}
