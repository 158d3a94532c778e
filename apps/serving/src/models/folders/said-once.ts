import type { Logger } from '@adstocrat/service-kit/telemetry';

/** What is found again at each look is said once, and anew when it is another thing. */
export class SaidOnce {
  readonly #logger: Logger;
  readonly #ones = new Set<string>();
  readonly #said = new Map<string, ReadonlyMap<string, string>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What is so at this look, with why; what is no longer so is forgotten. */
  of(kind: string, found: ReadonlyMap<string, string>, message: string): void {
    const before = this.#said.get(kind);
    for (const [what, reason] of found) if (before?.get(what) !== reason) this.#logger.warn({ what, reason }, message);
    this.#said.set(kind, found);
  }

  one(key: string, fields: Readonly<Record<string, unknown>>, message: string): void {
    if (this.#ones.has(key)) return;
    // Folders are an operator's, and there are not that many changes of them.
    if (this.#ones.size >= 10_000) this.#ones.clear();
    this.#ones.add(key);
    this.#logger.warn(fields, message);
  }
}
