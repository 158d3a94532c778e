import type { TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples, RowExtras } from './load-examples.ts';

/** Rows of a block: what is read at once. */
export const blockRows = 8192;

/** Where a column's cells lie in a block, and how an id is written: less the field's offset, in as many bytes as its size needs. */
interface Place {
  readonly at: number;
  readonly bytes: 1 | 2 | 4;
  readonly offset: number;
}

/**
 * How transformed rows lie in a file: blocks of {@link blockRows} rows and of one size, each column by column, the widest cells first, so
 * that every column is aligned. The last block is filled up with zeros. In the machine's own byte order: the file does not leave it.
 */
export class RowLayout {
  /** Bytes of a block. */
  readonly blockBytes: number;
  readonly #fields: readonly Place[];
  readonly #dense: readonly Place[];
  readonly #images: Place | undefined;
  readonly #weights: Place | undefined;
  readonly #labels: Place;

  constructor({ fields, dense }: Pick<TransformGraph, 'fields' | 'dense'>, extras: RowExtras) {
    let at = 0;
    const place = (bytes: Place['bytes'], offset = 0): Place => {
      const placed = { at, bytes, offset };
      at += bytes * blockRows;
      return placed;
    };
    this.#dense = dense.map(() => place(4));
    this.#images = extras.images ? place(4) : undefined;
    this.#weights = extras.weights ? place(4) : undefined;
    const ids: Place[] = [];
    for (const width of [4, 2, 1] as const)
      for (const [field, { size, offset }] of fields.entries())
        if (widthOf(size) === width) ids[field] = place(width, offset);
    this.#fields = ids;
    this.#labels = place(1);
    this.blockBytes = at;
  }

  /** At most {@link blockRows} rows as a block. */
  encode(examples: LoadedExamples): Uint8Array {
    const { rows, fields, denseWidth, ids, dense, images, weights, labels } = examples;
    const bytes = new Uint8Array(this.blockBytes);
    for (const [field, place] of this.#fields.entries()) {
      const cells = cellsOf(bytes, place, rows);
      for (let row = 0; row < rows; row += 1) cells[row] = ids[row * fields + field]! - place.offset;
    }
    for (const [input, place] of this.#dense.entries()) {
      const cells = floatsOf(bytes, place, rows);
      for (let row = 0; row < rows; row += 1) cells[row] = dense[row * denseWidth + input]!;
    }
    if (this.#images !== undefined && images !== undefined) {
      const cells = new Int32Array(bytes.buffer, this.#images.at, rows);
      cells.set(images.subarray(0, rows));
    }
    if (this.#weights !== undefined && weights !== undefined)
      floatsOf(bytes, this.#weights, rows).set(weights.subarray(0, rows));
    cellsOf(bytes, this.#labels, rows).set(labels.subarray(0, rows));
    return bytes;
  }

  /** Puts a block's rows into examples, from the row `to`. */
  decode(bytes: Uint8Array, rows: number, into: LoadedExamples, to: number): void {
    const { fields, denseWidth, ids, dense, images, weights, labels } = into;
    for (const [field, place] of this.#fields.entries()) {
      const cells = cellsOf(bytes, place, rows);
      for (let row = 0; row < rows; row += 1) ids[(to + row) * fields + field] = cells[row]! + place.offset;
    }
    for (const [input, place] of this.#dense.entries()) {
      const cells = floatsOf(bytes, place, rows);
      for (let row = 0; row < rows; row += 1) dense[(to + row) * denseWidth + input] = cells[row]!;
    }
    if (this.#images !== undefined && images !== undefined)
      images.set(new Int32Array(bytes.buffer, bytes.byteOffset + this.#images.at, rows), to);
    if (this.#weights !== undefined && weights !== undefined) weights.set(floatsOf(bytes, this.#weights, rows), to);
    labels.set(cellsOf(bytes, this.#labels, rows), to);
  }
}

function widthOf(size: number): Place['bytes'] {
  if (size <= 2 ** 8) return 1;
  return size <= 2 ** 16 ? 2 : 4;
}

function cellsOf(
  { buffer, byteOffset }: Uint8Array,
  { at, bytes }: Place,
  rows: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (bytes === 1) return new Uint8Array(buffer, byteOffset + at, rows);
  return bytes === 2 ? new Uint16Array(buffer, byteOffset + at, rows) : new Uint32Array(buffer, byteOffset + at, rows);
}

function floatsOf({ buffer, byteOffset }: Uint8Array, { at }: Place, rows: number): Float32Array {
  return new Float32Array(buffer, byteOffset + at, rows);
}
