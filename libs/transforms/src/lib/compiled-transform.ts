import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { RowWriter } from './operation.ts';
import { operationOf } from './operations/index.ts';
import { finish, type Steps } from './steps.ts';
import type { FixedColumn, ModelInput, TransformGraph } from './transform-graph.ts';

interface Step {
  readonly columns: readonly string[];
  readonly writer: RowWriter;
  readonly slots: number;
  readonly dims: number;
  /** Its first slot and dimension, and where its ids begin. */
  readonly slot: number;
  readonly dim: number;
  readonly offset: number;
}

/**
 * A transform graph made ready to apply. The same code runs in trainer, server and browser, and a row's result does not depend on the
 * batch it is in. Throws `RangeError` for a graph of another version, and for an operation that this code does not know.
 */
export class CompiledTransform {
  readonly graph: TransformGraph;
  /** Columns that a batch should have, each once; of those that the graph fixes none. */
  readonly columns: readonly string[];
  readonly #steps: readonly Step[];

  readonly #fixed: ReadonlyMap<string, FixedColumn>;

  /**
   * `writers`: in place of what an operation's own state gives, where training rows are written otherwise; a feature's position → writer.
   * With it, given or empty, rows keep what they have in columns that the graph fixes. `compiled`: what the features' own states give.
   */
  constructor(
    graph: TransformGraph,
    writers?: ReadonlyMap<number, TrainingWriter>,
    compiled = finish(writersOf(graph, writers)),
  ) {
    this.graph = graph;
    const fixed = writers === undefined ? (graph.fixed ?? []) : [];
    this.#fixed = new Map(fixed.map((one) => [one.column, one]));
    let [slot, dim] = [0, 0];
    this.#steps = graph.features.map((feature, index) => {
      const { slots, dims } = feature;
      const other = writers?.get(index);
      const step = {
        columns: other?.columns ?? feature.columns,
        writer: other?.writer ?? (compiled[index] as RowWriter),
        slots,
        dims,
        slot,
        dim,
        offset: graph.fields[slot]?.offset ?? 0,
      };
      slot += slots;
      dim += dims;
      return step;
    });
    const read = this.#steps.flatMap(({ columns }) => columns);
    this.columns = [...new Set(read.filter((column) => !this.#fixed.has(column)))];
  }

  /** As the constructor, in steps: a graph may hold millions of terms. */
  static *compiling(graph: TransformGraph, writers?: ReadonlyMap<number, TrainingWriter>): Steps<CompiledTransform> {
    return new CompiledTransform(graph, writers, yield* writersOf(graph, writers));
  }

  /** Raw columns → model input. An absent column is missing in every row. */
  apply(batch: ColumnarBatch): ModelInput {
    const { rows } = batch;
    const width = this.graph.fields.length;
    const denseWidth = this.graph.dense.length;
    const ids = new Int32Array(rows * width);
    const dense = new Float32Array(rows * denseWidth);
    const fixed = new Map([...this.#fixed].map(([name, of]) => [name, repeated(of, rows)]));
    for (const { columns: names, writer, slots, slot, dim, offset } of this.#steps) {
      const columns = names.map((name) => fixed.get(name) ?? batch.columns.get(name));
      if (writer.ids !== undefined) {
        for (let row = 0, at = slot; row < rows; row += 1, at += width) {
          writer.ids(columns, row, ids, at);
          for (let each = at; each < at + slots; each += 1) ids[each]! += offset;
        }
      }
      if (writer.numbers !== undefined)
        for (let row = 0, at = dim; row < rows; row += 1, at += denseWidth) writer.numbers(columns, row, dense, at);
    }
    return { rows, ids, dense };
  }
}

/** What each feature's state gives; undefined for one that is written otherwise. */
function* writersOf(
  graph: TransformGraph,
  others?: ReadonlyMap<number, TrainingWriter>,
): Steps<readonly (RowWriter | undefined)[]> {
  if (graph.version !== 2)
    throw new RangeError(`the transform graph is of version ${String(graph.version)}, this code applies version 2`);
  const writers: (RowWriter | undefined)[] = [];
  for (const [at, { op, state }] of graph.features.entries()) {
    if (others?.has(at) === true) {
      writers.push(undefined);
      continue;
    }
    const compiled = operationOf(op).compile(state);
    writers.push(Symbol.iterator in compiled ? yield* compiled : compiled);
    yield;
  }
  return writers;
}

/** How training rows of one feature are written; see `Operation.compileTraining`. */
export interface TrainingWriter {
  readonly columns: readonly string[];
  readonly writer: RowWriter;
}

/** A column that says the same in every row. */
function repeated({ type, value }: FixedColumn, rows: number): Column {
  if (type === 'string')
    return { type, values: Array<string | null>(rows).fill(value === null ? null : String(value)) };
  return { type, values: new Float64Array(rows).fill(value === null ? NaN : Number(value)) };
}
