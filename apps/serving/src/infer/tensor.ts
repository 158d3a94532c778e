import { BadInput } from './inference-failure.ts';
import { joinHint, type ListValue } from './list-value.ts';

/** A value as JSON can say it, {"b64": …} as bytes. Null is missing. */
export type MixedValue = null | boolean | number | bigint | string | Uint8Array;

/**
 * Values in the kind that the wire gave them, in row order. There may be fewer than rows: the last one stands for the rest, and is never
 * made as often. Integers that may not fit a double are bigints.
 */
export type TensorValues =
  | { readonly kind: 'bool'; readonly values: ArrayLike<boolean | number> }
  | { readonly kind: 'int'; readonly values: ArrayLike<number | bigint> }
  /** `isSingle`: each value is one of 32 bits, as it is in a Float32Array. */
  | { readonly kind: 'float'; readonly values: ArrayLike<number>; readonly isSingle?: boolean }
  | { readonly kind: 'bytes'; readonly values: ArrayLike<Uint8Array> }
  /** `isSingle`: each number is one of 32 bits. */
  | { readonly kind: 'mixed'; readonly values: ArrayLike<MixedValue | ListValue>; readonly isSingle?: boolean };

/** One input as it came, whichever protocol brought it. */
export type InputTensor = TensorValues & {
  /** [rows], [rows, 1], or [] for one row. As the request says it: nothing of that size has been made. */
  readonly shape: readonly number[];
};

export type InputTensors = ReadonlyMap<string, InputTensor>;

/**
 * Rows of an input. Throws {@link BadInput} for another shape, and for a shape that its values do not fill. `separator`: of a column that is
 * read as a list, what is said to stand between its values.
 */
export function rowsOf(name: string, { shape, values }: InputTensor, separator?: string): number {
  const [rows = 1, width = 1] = shape;
  if (shape.length > 2 || width !== 1 || !(rows >= 0) || !Number.isInteger(rows))
    throw new BadInput(
      'shape',
      name,
      `has shape [${shape.join(', ')}]: [rows] is expected, or [] for one row${joinHint(separator)}`,
    );
  if (values.length > rows || (values.length === 0 && rows > 0))
    throw new BadInput('shape', name, `holds ${values.length} values, its shape says ${rows}`);
  return rows;
}

/** Rows [from, to) of a request: a large one is read, scored and logged a slice at a time. */
export interface RowSlice {
  readonly from: number;
  readonly to: number;
}

/** Each value of the slice's rows once, and what is made of the last one for the rows that it stands for. `row` counts from the request's first. */
export function eachRow<V, R>(values: ArrayLike<V>, { from, to }: RowSlice, make: (value: V, row: number) => R): R[] {
  const made = new Array<R>(to - from);
  fillRows(made, values, { from, to }, make);
  return made;
}

/** As {@link eachRow}, for numbers. */
export function numbersOf<V>(
  values: ArrayLike<V>,
  { from, to }: RowSlice,
  make: (value: V, row: number) => number,
): Float64Array {
  const made = new Float64Array(to - from);
  fillRows(made, values, { from, to }, make);
  return made;
}

function fillRows<V, R>(
  made: { [row: number]: R; fill(value: R, from: number): unknown },
  values: ArrayLike<V>,
  { from, to }: RowSlice,
  make: (value: V, row: number) => R,
): void {
  if (to === from) return;
  const last = values.length - 1;
  const end = Math.min(last, to - 1);
  for (let row = Math.min(from, end); row <= end; row += 1)
    made[Math.max(0, row - from)] = make(values[row] as V, Math.max(row, from));
  if (end < to - 1) made.fill(made[Math.max(0, end - from)] as R, Math.max(0, end - from));
}
