import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { hash32 } from './hash-bucket.ts';
import { numberAt, textAt, timeAt } from './read-values.ts';
import type { DenseTransform, FieldTransform, ModelInput, TransformGraph } from './transform-graph.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * A transform graph made ready to apply: vocabularies are looked up in maps. The same code runs in trainer, server and browser,
 * and a row's result does not depend on the batch it is in. Only operations that every engine rounds alike.
 */
export class CompiledTransform {
  readonly graph: TransformGraph;
  readonly #fields: readonly ((column: Column | undefined, row: number) => number)[];
  readonly #offsets: readonly number[];

  constructor(graph: TransformGraph) {
    this.graph = graph;
    this.#fields = graph.fields.map(idOf);
    let offset = 0;
    this.#offsets = graph.fields.map(({ size }) => {
      const own = offset;
      offset += size;
      return own;
    });
  }

  /** Raw columns → model input. An absent column is missing in every row. */
  apply(batch: ColumnarBatch): ModelInput {
    const { fields, dense } = this.graph;
    const ids = new Int32Array(batch.rows * fields.length);
    for (const [index, field] of fields.entries()) {
      const column = batch.columns.get(field.column);
      const id = this.#fields[index]!;
      const offset = this.#offsets[index]!;
      for (let row = 0; row < batch.rows; row += 1) ids[row * fields.length + index] = offset + id(column, row);
    }
    const numbers = new Float32Array(batch.rows * dense.length);
    for (const [index, transform] of dense.entries()) {
      const column = batch.columns.get(transform.column);
      for (let row = 0; row < batch.rows; row += 1)
        numbers[row * dense.length + index] = denseValue(transform, numberAt(column, row));
    }
    return { rows: batch.rows, ids, dense: numbers };
  }
}

/** Standardized and cut to ±8 deviations; the mean (0) where missing. */
function denseValue(transform: DenseTransform, value: number): number {
  if (transform.kind === 'missing') return Number.isNaN(value) ? 1 : 0;
  if (Number.isNaN(value)) return 0;
  const scaled = (value - transform.mean) / transform.scale;
  return Math.fround(scaled > 8 ? 8 : scaled < -8 ? -8 : scaled);
}

function idOf(field: FieldTransform): (column: Column | undefined, row: number) => number {
  switch (field.kind) {
    case 'vocabulary': {
      const known = new Map(field.terms.map((term, index) => [term, index + 1]));
      const firstBucket = field.terms.length + 1;
      return (column, row) => {
        const text = textAt(column, row);
        if (text === null) return 0;
        return known.get(text) ?? (field.oovBuckets === 0 ? 0 : firstBucket + (hash32(text) % field.oovBuckets));
      };
    }
    case 'buckets':
      return (column, row) => {
        const value = numberAt(column, row);
        return Number.isNaN(value) ? 0 : bucketOf(field.boundaries, value) + 1;
      };
    case 'hour':
    case 'weekday': {
      const shift = field.offsetMinutes * 60_000;
      return (column, row) => {
        const time = timeAt(column, row) + shift;
        if (Number.isNaN(time)) return 0;
        const days = Math.floor(time / dayMs);
        if (field.kind === 'hour') return 1 + Math.floor((time - days * dayMs) / hourMs);
        // 1 January 1970 was a Thursday: day 3 where Monday is 0.
        return 1 + ((((days + 3) % 7) + 7) % 7);
      };
    }
  }
}

/** How many boundaries are at most the value. */
function bucketOf(boundaries: readonly number[], value: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (boundaries[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
