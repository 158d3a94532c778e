import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Column, ColumnType } from '@adstocrat/examples';

/** Gathers one column of a result chunk by chunk. Numeric columns must be DOUBLE in SQL. */
export class ColumnReader {
  readonly #type: ColumnType;
  readonly #texts: (string | null)[] = [];
  readonly #numbers: Float64Array[] = [];

  constructor(type: ColumnType) {
    this.#type = type;
  }

  take(chunk: DuckDBDataChunk, index: number): void {
    const vector = chunk.getColumnVector(index);
    if (this.#type === 'string') {
      for (let row = 0; row < chunk.rowCount; row += 1) this.#texts.push(vector.getItem(row) as string | null);
      return;
    }
    const values = new Float64Array(chunk.rowCount);
    for (let row = 0; row < values.length; row += 1) values[row] = (vector.getItem(row) as number | null) ?? NaN;
    this.#numbers.push(values);
  }

  /** Everything taken so far; begins anew. */
  finish(): Column {
    if (this.#type === 'string') return { type: 'string', values: this.#texts.splice(0) };
    const parts = this.#numbers.splice(0);
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      values.set(part, offset);
      offset += part.length;
    }
    return { type: this.#type, values };
  }
}
