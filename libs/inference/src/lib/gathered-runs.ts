import { maxRunRows, type ModelTensors } from './onnx-session.ts';
import { SessionEnded } from './session-thread.ts';

interface Asked<I, O> {
  readonly inputs: I;
  readonly rows: number;
  readonly goOn: (() => void) | undefined;
  readonly resolve: (outputs: O) => void;
  readonly reject: (error: unknown) => void;
}

/** How inputs become those of one run, and its outputs those of each. */
export interface Joining<I, O> {
  /** Those of the same may share a run. */
  readonly kindOf: (inputs: I) => string;
  readonly join: (parts: readonly I[], rows: number) => I;
  /** Rows [from, to) of what a run gave. */
  readonly part: (outputs: O, from: number, to: number) => O;
}

/**
 * Makes one run of what is asked for in one turn of the event loop, or while a run is under way: a run of few rows costs nearly what
 * a run of one does. For models whose row does not depend on the rows beside it, of one version. Nothing waits for others to come: a
 * request alone is run alone.
 */
export class GatheredRuns<I = ModelTensors, O = Float32Array> {
  readonly #run: (inputs: I) => Promise<O>;
  readonly #joining: Joining<I, O>;
  #asked: Asked<I, O>[] = [];
  #running = false;

  constructor(run: (inputs: I) => Promise<O>, joining: Joining<I, O>) {
    this.#run = run;
    this.#joining = joining;
  }

  /**
   * At most {@link maxRunRows} rows. Rejects with what the model says of these rows, or with what `goOn` throws when their run comes:
   * then there is none.
   */
  run(inputs: I, rows: number, goOn?: () => void): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ inputs, rows, goOn, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#runAll());
    });
  }

  async #runAll(): Promise<void> {
    while (this.#asked.length > 0) {
      const group = this.#nextGroup();
      const [first] = group;
      if (group.length === 1 && first !== undefined) await this.#runAlone(first);
      else if (first !== undefined) await this.#runTogether(group);
    }
    this.#running = false;
  }

  /** Of those that are waited for; none where nobody waits for any that were looked at. */
  #nextGroup(): readonly Asked<I, O>[] {
    const { kindOf } = this.#joining;
    const group: Asked<I, O>[] = [];
    let [rows, looked, kind] = [0, 0, ''];
    for (const asked of this.#asked) {
      const own = kindOf(asked.inputs);
      if (group.length > 0 && (rows + asked.rows > maxRunRows || own !== kind)) break;
      looked += 1;
      if (isOver(asked)) continue;
      kind = own;
      rows += asked.rows;
      group.push(asked);
    }
    this.#asked.splice(0, looked);
    return group;
  }

  async #runAlone({ inputs, resolve, reject }: Asked<I, O>): Promise<void> {
    try {
      resolve(await this.#run(inputs));
    } catch (error) {
      reject(error);
    }
  }

  async #runTogether(group: readonly Asked<I, O>[]): Promise<void> {
    const { join, part } = this.#joining;
    const rows = group.reduce((sum, asked) => sum + asked.rows, 0);
    let parts: readonly O[];
    try {
      const given = group.map(({ inputs }) => inputs);
      const outputs = await this.#run(join(given, rows));
      let at = 0;
      parts = group.map((asked) => part(outputs, at, (at += asked.rows)));
    } catch (error) {
      // None of them is known to be at fault, and each run more would open the model anew.
      if (error instanceof SessionEnded) for (const { reject } of group) reject(error);
      // One of them is at fault, and the others must not hear of it.
      else for (const asked of group) if (!isOver(asked)) await this.#runAlone(asked);
      return;
    }
    for (const [at, { resolve }] of group.entries()) resolve(parts[at] as O);
  }
}

function isOver<I, O>({ goOn, reject }: Asked<I, O>): boolean {
  try {
    goOn?.();
    return false;
  } catch (error) {
    reject(error);
    return true;
  }
}

/** The same inputs each time in, a score a row out. */
export const scoresOfRows: Joining<ModelTensors, Float32Array> = {
  kindOf: () => '',
  join: joined,
  part: (scores, from, to) => scores.subarray(from, to),
};

function joined(parts: readonly ModelTensors[], rows: number): ModelTensors {
  const inputs: Record<string, ModelTensors[string]> = {};
  for (const [name, { data: first, shape }] of Object.entries(parts[0] ?? {})) {
    const width = shape.slice(1).reduce((product, size) => product * size, 1);
    const data = first instanceof Int32Array ? new Int32Array(rows * width) : new Float32Array(rows * width);
    let at = 0;
    for (const given of parts) {
      const part = given[name]?.data;
      if (part === undefined) throw new RangeError(`rows of one run must have the same inputs, "${name}" is missing`);
      data.set(part, at);
      at += part.length;
    }
    inputs[name] = { data, shape: [rows, ...shape.slice(1)] };
  }
  return inputs;
}
