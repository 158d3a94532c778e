import { cpuMsSince } from './cpu-ms-since.ts';
import { drawnInputs } from './drawn-inputs.ts';
import { type ElementTensor, joinedTensor, rowsOfTensor, type Tensors, type TensorSpec } from './element-tensor.ts';
import { GatheredRuns, type Joining } from './gathered-runs.ts';
import { maxRunRows } from './onnx-session.ts';
import { RunFailed } from './run-failed.ts';
import { SessionThread, type SessionThreadOptions } from './session-thread.ts';
import { OnnxTensorSession, type TensorSession } from './tensor-session.ts';
import { WaitingRuns } from './waiting-runs.ts';

/** Rows of the first run, and those that are compared with runs of their own. */
const drawnRows = 128;
const drawnParts: readonly (readonly [from: number, to: number])[] = [
  ...Array.from({ length: 16 }, (_, row) => [row * 8, row * 8 + 1] as const),
  [0, 3],
  [3, 40],
  [40, drawnRows],
];

/** What {@link TensorModel.warmUp} saw. */
export interface WarmedUp {
  /** A row has the same bits alone, beside a few and beside many others: calls share runs. */
  readonly sharesRuns: boolean;
  /** Processor milliseconds of the largest run that calls share, or of one with rows of one; undefined where the model was not tried. */
  readonly runMs: number | undefined;
}

/** A plain ONNX model: its own inputs in, its own outputs out. */
export class TensorModel {
  readonly #session: TensorSession;
  readonly #runs: GatheredRuns<Tensors, Tensors>;
  readonly #waiting = new WaitingRuns();
  /** True where the first dimension of every input and output is free: it counts rows. */
  readonly hasRows: boolean;
  /** Whether rows of several calls share a run: not before it was seen that none depends on those beside it. */
  #together = false;

  private constructor(session: TensorSession) {
    this.#session = session;
    const all = [...session.inputs, ...session.outputs];
    this.hasRows = session.inputs.length > 0 && all.every(({ shape }) => shape?.[0] === -1);
    this.#runs = new GatheredRuns((given) => this.#timed(given), joiningRows);
  }

  /** Throws {@link DamagedServable} for a file that is no model which can be run, or whose inputs or outputs are no tensors. */
  static async open(path: string): Promise<TensorModel> {
    return new TensorModel(await OnnxTensorSession.open(path));
  }

  /** The same in a thread of its own, for as long as the model is open: the file must stay for as long. */
  static async openApart(path: string, options?: SessionThreadOptions): Promise<TensorModel> {
    return new TensorModel(await SessionThread.open(path, options));
  }

  /** Why it answers nothing for a while: its thread ended again and again. */
  get trouble(): string | undefined {
    return this.#session.trouble;
  }

  get inputs(): readonly TensorSpec[] {
    return this.#session.inputs;
  }

  get outputs(): readonly TensorSpec[] {
    return this.#session.outputs;
  }

  /**
   * Every output. Inputs must be all that the model takes, of their types. Throws {@link RunFailed}, or `SessionEnded`. A call's answer does not depend on what is asked for beside it. Calls have their runs in turn, and where they share them one of many rows is
   * made in several, between which others have theirs; `goOn` is called when a run comes, and ends the call by throwing.
   */
  async run(inputs: Tensors, goOn?: () => void): Promise<Tensors> {
    const rows = this.#sharedRows(inputs);
    const elements = elementsOf(inputs);
    const waiting = this.#waiting.enter({ elements, runs: runsOf(rows) });
    try {
      // As many as there may be in a run: no other has room in it.
      if (rows === undefined || rows === 0) return await this.#runs.run(inputs, maxRunRows, goOn);
      if (rows <= maxRunRows) return await this.#runs.run(inputs, rows, goOn);
      // Of nothing there are no parts, however many rows it says it has.
      if (elements === 0) return await this.#runs.run(inputs, maxRunRows, goOn);
      return await this.#runInParts(inputs, rows, waiting.ran, goOn);
    } finally {
      waiting.leave();
    }
  }

  /** Wall milliseconds for which a call with these inputs would wait for those that are there; 0 until it is known what a run takes. */
  waitMs(inputs: Tensors): number {
    return this.#waiting.waitMs(runsOf(this.#sharedRows(inputs)), this.#together);
  }

  /** Runs on drawn values, so that the first request finds the model warm. A model that does not take such values is none the worse. */
  async warmUp(): Promise<WarmedUp> {
    let runMs: number | undefined;
    try {
      const drawn = drawnInputs(this.inputs, this.hasRows ? drawnRows : 1);
      if (drawn === undefined) return { sharesRuns: false, runMs };
      const before = process.threadCpuUsage();
      const together = await this.#session.run(drawn);
      runMs = cpuMsSince(before);
      this.#together = this.hasRows && (await this.#agreesInParts(drawn, together));
    } catch (error) {
      if (!(error instanceof RunFailed || error instanceof RangeError)) throw error;
    }
    return { sharesRuns: this.#together, runMs };
  }

  /**
   * Takes over what {@link warmUp} said of the same file in another session. Runs once on a drawn row, so that the first request finds the
   * model warm.
   */
  async confirm(sharesRuns: boolean): Promise<void> {
    try {
      const drawn = drawnInputs(this.inputs, 1);
      if (drawn !== undefined) await this.#session.run(drawn);
    } catch (error) {
      if (!(error instanceof RunFailed || error instanceof RangeError)) throw error;
    }
    this.#together = sharesRuns;
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #timed(inputs: Tensors): Promise<Tensors> {
    const begunMs = performance.now();
    const outputs = await this.#session.run(inputs);
    this.#waiting.took(elementsOf(inputs), performance.now() - begunMs);
    return outputs;
  }

  /** Rows that may be made in a run with others'; undefined where all are made in one of their own. */
  #sharedRows(inputs: Tensors): number | undefined {
    return this.#together ? commonRows(inputs) : undefined;
  }

  async #runInParts(inputs: Tensors, rows: number, ran: () => void, goOn?: () => void): Promise<Tensors> {
    const parts: Tensors[] = [];
    for (let from = 0; from < rows; from += maxRunRows) {
      const to = Math.min(rows, from + maxRunRows);
      const part = await this.#runs.run(partOf(inputs, rows, from, to), to - from, goOn);
      ran();
      // A model whose outputs have other rows with such inputs than with those that it was seen with.
      if ([...part.values()].some(({ shape }) => shape[0] !== to - from))
        return this.#runs.run(inputs, maxRunRows, goOn);
      parts.push(part);
    }
    return joiningRows.join(parts, rows);
  }

  async #agreesInParts(drawn: Tensors, together: Tensors): Promise<boolean> {
    for (const [from, to] of drawnParts) {
      const part = await this.#session.run(partOf(drawn, drawnRows, from, to));
      for (const [name, output] of together)
        if (!sameElements(rowsOfTensor(output, drawnRows, from, to), part.get(name))) return false;
    }
    return true;
  }
}

function runsOf(rows = 1): number {
  return Math.ceil(rows / maxRunRows);
}

function elementsOf(inputs: Tensors): number {
  let elements = 0;
  for (const { data } of inputs.values()) elements += data.length;
  return elements;
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
