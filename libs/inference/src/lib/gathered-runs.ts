import { maxRunRows, type ModelTensors } from './onnx-session.ts';

interface Asked {
  readonly inputs: ModelTensors;
  readonly rows: number;
  readonly resolve: (scores: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes one run of what is asked for in one turn of the event loop, or while a run is under way: a run of few rows costs nearly what
 * a run of one does. For models whose row does not depend on the rows beside it, of one version, which are asked for the same inputs
 * each time. Nothing waits for others to come: a request alone is run alone.
 */
export class GatheredRuns {
  readonly #run: (inputs: ModelTensors) => Promise<Float32Array>;
  #asked: Asked[] = [];
  #running = false;

  /** `run`: gives one value a row. */
  constructor(run: (inputs: ModelTensors) => Promise<Float32Array>) {
    this.#run = run;
  }

  /** At most {@link maxRunRows} rows. Rejects with what the model says of these rows. */
  run(inputs: ModelTensors, rows: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ inputs, rows, resolve, reject });
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
      else await this.#runTogether(group);
    }
    this.#running = false;
  }

  #nextGroup(): readonly Asked[] {
    let [rows, count] = [0, 0];
    for (const asked of this.#asked) {
      if (count > 0 && rows + asked.rows > maxRunRows) break;
      rows += asked.rows;
      count += 1;
    }
    return this.#asked.splice(0, count);
  }

  async #runAlone({ inputs, resolve, reject }: Asked): Promise<void> {
    try {
      resolve(await this.#run(inputs));
    } catch (error) {
      reject(error);
    }
  }

  async #runTogether(group: readonly Asked[]): Promise<void> {
    const rows = group.reduce((sum, asked) => sum + asked.rows, 0);
    let scores: Float32Array;
    try {
      scores = await this.#run(joined(group, rows));
    } catch {
      // One of them is at fault, and the others must not hear of it.
      for (const asked of group) await this.#runAlone(asked);
      return;
    }
    let at = 0;
    for (const asked of group) asked.resolve(scores.subarray(at, (at += asked.rows)));
  }
}

function joined(group: readonly Asked[], rows: number): ModelTensors {
  const inputs: Record<string, ModelTensors[string]> = {};
  for (const [name, { data: first, shape }] of Object.entries(group[0]?.inputs ?? {})) {
    const width = shape.slice(1).reduce((product, size) => product * size, 1);
    const data = first instanceof Int32Array ? new Int32Array(rows * width) : new Float32Array(rows * width);
    let at = 0;
    for (const asked of group) {
      const part = asked.inputs[name]?.data;
      if (part === undefined) throw new RangeError(`rows of one run must have the same inputs, "${name}" is missing`);
      data.set(part, at);
      at += part.length;
    }
    inputs[name] = { data, shape: [rows, ...shape.slice(1)] };
  }
  return inputs;
}
