/** The arrays that hold numbers of a type; booleans are 0 and 1. */
export const elementArrays = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type NumericType = keyof typeof elementArrays;
/** What the elements of a model's tensors are, as its runtime calls them. A `string` is text. */
export type ElementType = NumericType | 'string';

type NumericData = InstanceType<(typeof elementArrays)[NumericType]>;

/** A tensor, row-major: as many elements as its shape says. */
export type ElementTensor = { readonly shape: readonly number[] } & (
  | { readonly type: NumericType; readonly data: NumericData }
  | { readonly type: 'string'; readonly data: readonly string[] }
);

export type Tensors = ReadonlyMap<string, ElementTensor>;

/** A tensor that a model takes or gives. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  /** −1 where a dimension may have any size. Absent: of unknown rank. */
  readonly shape?: readonly number[];
}

/** The runtime's word for a type; undefined for one whose elements are none of these. */
export function elementTypeOf(word: string): ElementType | undefined {
  return word === 'string' || Object.hasOwn(elementArrays, word) ? (word as ElementType) : undefined;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A tensor of the same kind with other elements. */
export function tensorOf(type: ElementType, shape: readonly number[], data: ElementTensor['data']): ElementTensor {
  return { type, shape, data } as ElementTensor;
}

/** Rows [from, to) of a tensor. Throws `RangeError` where its first dimension is not `rows`. */
export function rowsOfTensor(tensor: ElementTensor, rows: number, from: number, to: number): ElementTensor {
  const [first, ...rest] = tensor.shape;
  if (first !== rows) throw new RangeError(`a tensor of shape [${tensor.shape.join(', ')}] has no ${rows} rows`);
  const width = elementCount(rest);
  const [begin, end] = [from * width, to * width];
  const data = tensor.type === 'string' ? tensor.data.slice(begin, end) : tensor.data.subarray(begin, end);
  return tensorOf(tensor.type, [to - from, ...rest], data as ElementTensor['data']);
}

/** Tensors of one type and the same inner shape behind each other, as one of `rows` rows. */
export function joinedTensor(parts: readonly ElementTensor[], rows: number): ElementTensor {
  const [first] = parts;
  if (first === undefined) throw new RangeError('there is nothing to join');
  const shape = [rows, ...first.shape.slice(1)];
  if (first.type === 'string')
    return tensorOf(
      'string',
      shape,
      parts.flatMap(({ data }) => data as string[]),
    );
  const data = new elementArrays[first.type](elementCount(shape));
  let at = 0;
  for (const part of parts) {
    // Of one type: kindOf sees to it.
    (data as Float32Array).set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return tensorOf(first.type, shape, data);
}
