import { Unavailable } from '@adstocrat/service-kit';

/** What one answered request took, each in nanoseconds. */
export interface Durations {
  /** Reading the request. */
  readonly inputNs: number;
  /** Transform, model and prediction log. */
  readonly inferNs: number;
}

/** How many, and how long they took together, nanoseconds. */
export interface Total {
  count: number;
  ns: number;
}

/** Counters of a version since the server started, as Triton has them. */
export interface VersionStatistics {
  readonly model: string;
  readonly version: number;
  /** Unix milliseconds of the last answer; 0 before it. */
  lastInferenceMs: number;
  /** Rows answered. */
  rows: number;
  readonly success: Total;
  readonly fail: Total;
  readonly input: Total;
  readonly infer: Total;
}

/**
 * Counts requests by model and version. It holds an entry for each version that has answered, or was asked for by number and refused the
 * request: names and versions of strangers get none, since only what is served is told here.
 */
export class ModelStatistics {
  readonly #versions = new Map<string, VersionStatistics>();

  answered(model: string, version: number, rows: number, { inputNs, inferNs }: Durations, nowMs: number): void {
    const entry = this.of(model, version);
    entry.lastInferenceMs = nowMs;
    entry.rows += rows;
    add(entry.success, inputNs + inferNs);
    add(entry.input, inputNs);
    add(entry.infer, inferNs);
  }

  failed(model: string, version: number, ns: number): void {
    add(this.of(model, version).fail, ns);
  }

  /** All counters. */
  entries(): readonly VersionStatistics[] {
    return [...this.#versions.values()];
  }

  /** Adds what another process counts. */
  add(others: readonly VersionStatistics[]): this {
    for (const other of others) {
      const entry = this.of(other.model, other.version);
      entry.lastInferenceMs = Math.max(entry.lastInferenceMs, other.lastInferenceMs);
      entry.rows += other.rows;
      for (const what of ['success', 'fail', 'input', 'infer'] as const) {
        entry[what].count += other[what].count;
        entry[what].ns += other[what].ns;
      }
    }
    return this;
  }

  /** The counters of a version, begun where there are none. */
  of(model: string, version: number): VersionStatistics {
    const key = `${version}/${model}`;
    let entry = this.#versions.get(key);
    if (entry === undefined) {
      const zero = (): Total => ({ count: 0, ns: 0 });
      entry = {
        model,
        version,
        lastInferenceMs: 0,
        rows: 0,
        success: zero(),
        fail: zero(),
        input: zero(),
        infer: zero(),
      };
      this.#versions.set(key, entry);
    }
    return entry;
  }
}

/** Of all processes; null of one that has not said what it counts. Throws `Unavailable` where one is missing: a part is no sum. */
export function sumOfStatistics(all: readonly (readonly VersionStatistics[] | null)[] | undefined): ModelStatistics {
  const sum = new ModelStatistics();
  for (const one of all ?? [null]) {
    if (one === null) throw new Unavailable('a process of this server does not say what it counts: ask again');
    sum.add(one);
  }
  return sum;
}

function add(total: Total, ns: number): void {
  total.count += 1;
  total.ns += ns;
}
