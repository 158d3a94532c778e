import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { undeclaredRanks } from '@adstocrat/onnx';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DamagedServable } from './damaged-servable.ts';
import {
  type ElementTensor,
  elementTypeOf,
  joinedTensor,
  rowsOfTensor,
  tensorOf,
  type Tensors,
  type TensorSpec,
} from './element-tensor.ts';
import { GatheredRuns, type Joining } from './gathered-runs.ts';
import { maxRunRows, sessionOptions } from './onnx-session.ts';
import { drawnInputs } from './drawn-inputs.ts';

/** What a request makes a model refuse is told to its caller, and need not fill the server's log. */
const quietly: InferenceSession.RunOptions = { logSeverityLevel: 4 };

/** Rows of the first run, and those that are compared with runs of their own. */
const drawnRows = 128;
const drawnParts: readonly (readonly [from: number, to: number])[] = [
  ...Array.from({ length: 16 }, (_, row) => [row * 8, row * 8 + 1] as const),
  [0, 3],
  [3, 40],
  [40, drawnRows],
];

/** The model does not take what it was given. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

/** A plain ONNX model: its own inputs in, its own outputs out. */
export class TensorModel {
  readonly #session: InferenceSession;
  readonly #runs: GatheredRuns<Tensors, Tensors>;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** True where the first dimension of every input and output is free: it counts rows. */
  readonly hasRows: boolean;
  /** Whether rows of several calls share a run: not before it was seen that none depends on those beside it. */
  #together = false;

  private constructor(session: InferenceSession, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]) {
    this.#session = session;
    this.inputs = inputs;
    this.outputs = outputs;
    const all = [...inputs, ...outputs];
    this.hasRows = inputs.length > 0 && all.every(({ shape }) => shape?.[0] === -1);
    this.#runs = new GatheredRuns((given) => this.#run(given), joiningRows);
  }

  /** Throws {@link DamagedServable} for a file that is no model which can be run, or whose inputs or outputs are no tensors. */
  static async open(path: string): Promise<TensorModel> {
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(path, sessionOptions);
    } catch (error) {
      const why = (error as Error).message.replaceAll(`${dirname(path)}/`, '');
      throw new DamagedServable(`the model cannot be loaded: ${why}`, { cause: error });
    }
    try {
      const told = [...session.inputMetadata, ...session.outputMetadata];
      const isScalar = (one: InferenceSession.ValueMetadata): boolean => one.isTensor && one.shape.length === 0;
      const unranked = told.some(isScalar) ? undeclaredRanks(readFileSync(path)) : new Set<string>();
      const specsOf = (values: readonly InferenceSession.ValueMetadata[]): readonly TensorSpec[] =>
        values.map((value) => specOf(value, unranked));
      return new TensorModel(session, specsOf(session.inputMetadata), specsOf(session.outputMetadata));
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /**
   * Every output, or those named. Inputs must be all that the model takes, of their types. Throws {@link RunFailed} where it does not
   * take them. A call's answer does not depend on what is asked for beside it.
   */
  async run(inputs: Tensors): Promise<Tensors> {
    const rows = this.#together ? commonRows(inputs) : undefined;
    return rows === undefined || rows === 0 || rows > maxRunRows ? this.#run(inputs) : this.#runs.run(inputs, rows);
  }

  /**
   * Runs on drawn values, so that the first request finds the model warm. Where a row has the same bits alone, beside a few and beside
   * many others, calls share runs from now on. A model that does not take such values is none the worse. Returns whether they do.
   */
  async warmUp(): Promise<boolean> {
    try {
      const drawn = drawnInputs(this.inputs, this.hasRows ? drawnRows : 1);
      if (drawn === undefined) return false;
      const together = await this.#run(drawn);
      if (!this.hasRows) return false;
      for (const [from, to] of drawnParts) {
        const part = await this.#run(partOf(drawn, drawnRows, from, to));
        for (const [name, output] of together)
          if (!sameElements(rowsOfTensor(output, drawnRows, from, to), part.get(name))) return false;
      }
      return (this.#together = true);
    } catch (error) {
      if (error instanceof RunFailed || error instanceof RangeError) return false;
      throw error;
    }
  }

  /**
   * Takes over what {@link warmUp} said of the same file in another session. Runs once on a drawn row, so that the first request finds the
   * model warm.
   */
  async confirm(sharesRuns: boolean): Promise<void> {
    try {
      const drawn = drawnInputs(this.inputs, 1);
      if (drawn !== undefined) await this.#run(drawn);
    } catch (error) {
      if (!(error instanceof RunFailed || error instanceof RangeError)) throw error;
    }
    this.#together = sharesRuns;
  }

  close(): Promise<void> {
    return this.#session.release();
  }

  async #run(inputs: Tensors): Promise<Tensors> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, tensor] of inputs) feeds[name] = fed(tensor);
    try {
      const outputs = await this.#session.run(feeds, quietly);
      return new Map(this.outputs.map(({ name, type }) => [name, given(type, outputs[name])]));
    } catch (error) {
      throw new RunFailed((error as Error).message, { cause: error });
    }
  }
}

function given(type: TensorSpec['type'], tensor: Tensor | undefined): ElementTensor {
  if (tensor === undefined) throw new RangeError('the model gave no such output');
  return tensorOf(type, tensor.dims, tensor.data as unknown as ElementTensor['data']);
}

/** The native part of the runtime knows no Float16Array, and its JavaScript part makes one of every half: the bits are put in its place. */
function fed({ type, data, shape }: ElementTensor): Tensor {
  // The types are the model's: the caller sees to it.
  const tensor = new Tensor(type as 'float32', data as Float32Array, shape);
  if (data instanceof Float16Array)
    Object.assign(tensor, { cpuData: new Uint16Array(data.buffer, data.byteOffset, data.length) });
  return tensor;
}

function specOf(value: InferenceSession.ValueMetadata, unranked: ReadonlySet<string>): TensorSpec {
  const { name } = value;
  if (!value.isTensor)
    throw new DamagedServable(
      `"${name}" is no tensor but a sequence, map or optional: only tensors are served. A classifier of scikit-learn is exported with zipmap=False`,
    );
  const type = elementTypeOf(value.type);
  if (type === undefined)
    throw new DamagedServable(`"${name}" has elements of type ${value.type}, which are not served`);
  if (value.shape.length === 0 && unranked.has(name)) return { name, type };
  return { name, type, shape: value.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)) };
}

/** The first dimension of all inputs; undefined where they have none in common. */
function commonRows(inputs: Tensors): number | undefined {
  let rows: number | undefined;
  for (const { shape } of inputs.values()) {
    if (shape[0] === undefined || (rows !== undefined && shape[0] !== rows)) return undefined;
    [rows] = shape;
  }
  return rows;
}

function partOf(inputs: Tensors, rows: number, from: number, to: number): Tensors {
  return new Map(Array.from(inputs, ([name, tensor]) => [name, rowsOfTensor(tensor, rows, from, to)]));
}

/** Outputs are as long as they are: the same elements, NaN like NaN and 0 unlike −0, in the same shape. */
function sameElements(one: ElementTensor, other: ElementTensor | undefined): boolean {
  if (other === undefined || one.shape.join() !== other.shape.join()) return false;
  for (let at = 0; at < one.data.length; at += 1) if (!Object.is(one.data[at], other.data[at])) return false;
  return true;
}

const joiningRows: Joining<Tensors, Tensors> = {
  kindOf: (inputs) =>
    Array.from(inputs, ([name, { shape }]) => `${name} ${shape.slice(1).join()}`)
      .sort()
      .join('\n'),
  join: (parts, rows) =>
    new Map(
      [...(parts[0]?.keys() ?? [])].map((name) => [
        name,
        joinedTensor(
          parts.map((part) => part.get(name)).filter((tensor) => tensor !== undefined),
          rows,
        ),
      ]),
    ),
  part: (outputs, from, to) => {
    const [first] = outputs.values();
    return partOf(outputs, first?.shape[0] ?? 0, from, to);
  },
};
