/** In which order specs are run on a change: first what notices most changes of the same file in the least time. */
export class SpecOrder {
  readonly #ms: ReadonlyMap<string, number>;
  readonly #noticed = new Map<string, number>();
  readonly #run = new Map<string, number>();

  /** Specs, and how long each takes. */
  constructor(ms: ReadonlyMap<string, number>) {
    this.#ms = ms;
  }

  /** Every spec, for a change of this file. */
  of(file: string): readonly string[] {
    const worth = new Map([...this.#ms].map(([spec, ms]) => [spec, this.#chance(file, spec) / ms]));
    return [...worth.keys()].sort((a, b) => worth.get(b)! - worth.get(a)!);
  }

  /** A spec has been run on a change of this file. */
  learn(file: string, spec: string, noticed: boolean): void {
    for (const key of [spec, `${file} ${spec}`]) {
      this.#run.set(key, (this.#run.get(key) ?? 0) + 1);
      if (noticed) this.#noticed.set(key, (this.#noticed.get(key) ?? 0) + 1);
    }
  }

  /** That the spec notices a change: by those of all files, and by those of this file the more of them there were. */
  #chance(file: string, spec: string): number {
    const [here, anywhere] = [`${file} ${spec}`, spec].map((key) => ({
      noticed: this.#noticed.get(key) ?? 0,
      run: this.#run.get(key) ?? 0,
    })) as [Tried, Tried];
    return (here.noticed + (anywhere.noticed + 1) / (anywhere.run + 2)) / (here.run + 1);
  }
}

interface Tried {
  readonly noticed: number;
  readonly run: number;
}
