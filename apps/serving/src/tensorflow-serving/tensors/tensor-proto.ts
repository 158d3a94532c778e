import { elementArrays, type ElementTensor, type ElementType, tensorOf, type TensorSpec } from '@adstocrat/inference';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { type InferenceLimits, refuseSize } from '../../infer/admit.ts';
import { refuseOtherBytes } from '../../infer/boolean-bytes.ts';
import { BadInput, TooLarge } from '../../infer/inference-failure.ts';
import { placesOf } from '../../infer/places-of.ts';
import type { TensorValues } from '../../infer/tensor.ts';
import { elementTensor } from '../../infer/tensors/element-values.ts';

const { DataType } = tfs;

interface Field {
  readonly dtype: tfs.DataType;
  /** What of a message holds the elements. */
  readonly values: (tensor: tfs.TensorProto) => TensorValues;
  /** Elements in that field. */
  readonly put: (data: ElementTensor['data']) => Partial<tfs.TensorProto>;
}

const numbers = (data: ElementTensor['data']): number[] => Array.from(data as Float64Array);
const bigints = (data: ElementTensor['data']): bigint[] => Array.from(data as BigInt64Array);
const whole = (dtype: tfs.DataType): Field => ({
  dtype,
  values: ({ intVal }) => ({ kind: 'int', values: intVal }),
  put: (data) => ({ intVal: numbers(data) }),
});

const fields: Readonly<Record<ElementType, Field>> = {
  bool: {
    dtype: DataType.DT_BOOL,
    values: ({ boolVal }) => ({ kind: 'bool', values: boolVal }),
    put: (data) => ({ boolVal: numbers(data).map((value) => value === 1) }),
  },
  uint8: whole(DataType.DT_UINT8),
  uint16: whole(DataType.DT_UINT16),
  int8: whole(DataType.DT_INT8),
  int16: whole(DataType.DT_INT16),
  int32: whole(DataType.DT_INT32),
  uint32: {
    dtype: DataType.DT_UINT32,
    values: ({ uint32Val }) => ({ kind: 'int', values: uint32Val }),
    put: (data) => ({ uint32Val: numbers(data) }),
  },
  uint64: {
    dtype: DataType.DT_UINT64,
    values: ({ uint64Val }) => ({ kind: 'int', values: uint64Val }),
    put: (data) => ({ uint64Val: bigints(data) }),
  },
  int64: {
    dtype: DataType.DT_INT64,
    values: ({ int64Val }) => ({ kind: 'int', values: int64Val }),
    put: (data) => ({ int64Val: bigints(data) }),
  },
  float16: {
    dtype: DataType.DT_HALF,
    // Halves lie there as their bits.
    values: ({ halfVal }) => ({ kind: 'float', values: new Float16Array(Uint16Array.from(halfVal).buffer) }),
    put: (data) => {
      const { buffer, byteOffset, length } = data as Float16Array;
      return { halfVal: Array.from(new Uint16Array(buffer, byteOffset, length)) };
    },
  },
  float32: {
    dtype: DataType.DT_FLOAT,
    values: ({ floatVal }) => ({ kind: 'float', values: floatVal }),
    put: (data) => ({ floatVal: numbers(data) }),
  },
  float64: {
    dtype: DataType.DT_DOUBLE,
    values: ({ doubleVal }) => ({ kind: 'float', values: doubleVal }),
    put: (data) => ({ doubleVal: numbers(data) }),
  },
  string: {
    dtype: DataType.DT_STRING,
    values: ({ stringVal }) => ({ kind: 'bytes', values: stringVal }),
    put: (data) => ({ stringVal: (data as readonly string[]).map((text) => Buffer.from(text)) }),
  },
};

export function dtypeOfElements(type: ElementType): tfs.DataType {
  return fields[type].dtype;
}

/** The type of a message's elements, and the shape that it says; nothing of that size is made. Throws {@link BadInput}. */
export function saidTensor(
  name: string,
  { dtype, tensorShape }: tfs.TensorProto,
): { readonly type: ElementType; readonly shape: readonly number[] } {
  const type = (Object.keys(fields) as ElementType[]).find((one) => fields[one].dtype === dtype);
  if (type === undefined) throw new BadInput('dtype', name, `is of dtype ${dtype}, which no model here takes`);
  if (tensorShape?.unknownRank === true) throw new BadInput('shape', name, 'has an unknown shape');
  const shape = tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new BadInput('shape', name, `has shape [${shape.join(',')}]: integers from 0 are expected`);
  return { type, shape };
}

/** Elements of a request's tensors together are bounded before they are made: a few bytes may stand for many. */
export class ElementSizes {
  readonly #limits: InferenceLimits;
  #values = 0;
  #bytes = 0;

  constructor(limits: InferenceLimits) {
    this.#limits = limits;
  }

  /** How many elements there are. Throws {@link TooLarge}. */
  take(name: string, shape: readonly number[], texts: readonly { readonly length: number }[] = []): number {
    const places = placesOf(shape);
    this.#values += places;
    refuseSize(name, places, this.#values, this.#limits);
    const elements = shape.includes(0) ? 0 : places;
    this.#bytes += Math.max(0, elements - texts.length) * (texts.at(-1)?.length ?? 0);
    if (this.#bytes > this.#limits.bytes)
      throw new TooLarge(
        'bytes',
        this.#limits.bytes,
        `input "${name}" repeats a string: at most ${this.#limits.bytes} bytes are answered at once`,
      );
    return elements;
  }
}

/** A message's tensor of the type and shape that it says it has; fewer elements than that repeat the last one, as in TensorFlow. */
export function tensorOfProto(
  spec: TensorSpec,
  tensor: tfs.TensorProto,
  shape: readonly number[],
  sizes: ElementSizes,
): ElementTensor {
  const { name, type } = spec;
  const { tensorContent } = tensor;
  const elements = sizes.take(name, shape, tensor.stringVal);
  if (tensorContent.length === 0 || type === 'string')
    return elementTensor(spec, fields[type].values(tensor), shape, elements);
  const array = elementArrays[type];
  const { BYTES_PER_ELEMENT: bytes } = array;
  if (tensorContent.length !== elements * bytes)
    throw new BadInput(
      'shape',
      name,
      `tensor_content has ${tensorContent.length} bytes: its shape says ${elements * bytes}`,
    );
  // A copy, which begins where elements may.
  const data = new array(Uint8Array.from(tensorContent).buffer);
  if (type === 'bool') refuseOtherBytes(name, shape, data as Uint8Array);
  return tensorOf(type, shape, data);
}

export function protoOfTensor({ type, shape, data }: ElementTensor): tfs.TensorProto {
  const { dtype, put } = fields[type];
  const tensorShape = { dim: shape.map((size) => ({ size: BigInt(size), name: '' })), unknownRank: false };
  return tfs.TensorProto.create({ dtype, tensorShape, ...put(data) });
}
