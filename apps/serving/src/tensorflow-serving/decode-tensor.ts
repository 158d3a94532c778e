import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { BadInput } from '../infer/inference-failure.ts';
import { refuseOtherBytes } from '../infer/boolean-bytes.ts';
import type { InputTensor, InputTensors, TensorValues } from '../infer/tensor.ts';

const { DataType } = tfs;

/** How numbers lie in `tensor_content`: little-endian. */
const contents: Readonly<
  Record<
    number,
    readonly [kind: 'bool' | 'int' | 'float', bytes: number, read: (view: DataView, at: number) => number | bigint]
  >
> = {
  [DataType.DT_FLOAT]: ['float', 4, (view, at) => view.getFloat32(at, true)],
  [DataType.DT_DOUBLE]: ['float', 8, (view, at) => view.getFloat64(at, true)],
  [DataType.DT_INT32]: ['int', 4, (view, at) => view.getInt32(at, true)],
  [DataType.DT_INT64]: ['int', 8, (view, at) => view.getBigInt64(at, true)],
  [DataType.DT_BOOL]: ['bool', 1, (view, at) => view.getUint8(at)],
};

/** The tensors of a request as they are: no shape is followed, so nothing is made that is larger than the message. */
export function decodeTensors(tensors: ReadonlyMap<string, tfs.TensorProto>): InputTensors {
  return new Map(Array.from(tensors, ([name, tensor]) => [name, decodeTensor(name, tensor)]));
}

/**
 * A tensor of values in the field of their type or in `tensor_content`; fewer values than rows repeat the last one, as in TensorFlow.
 * Throws {@link BadInput} for a dtype that no input has, and for content that is no whole number of values or no booleans.
 */
export function decodeTensor(name: string, tensor: tfs.TensorProto): InputTensor {
  const { tensorShape } = tensor;
  if (tensorShape?.unknownRank === true) throw new BadInput('shape', name, 'has an unknown shape: [rows] is expected');
  const shape = tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  return { ...valuesOf(name, tensor, shape), shape };
}

function valuesOf(name: string, tensor: tfs.TensorProto, shape: readonly number[]): TensorValues {
  if (tensor.dtype === DataType.DT_STRING) return { kind: 'bytes', values: tensor.stringVal };
  const content = contents[tensor.dtype];
  if (content === undefined)
    throw new BadInput(
      'dtype',
      name,
      `is of dtype ${tensor.dtype}: DT_STRING, DT_INT64, DT_INT32, DT_FLOAT, DT_DOUBLE and DT_BOOL are understood`,
    );
  const [kind, bytes, read] = content;
  const { tensorContent } = tensor;
  if (tensorContent.length > 0) {
    if (tensorContent.length % bytes !== 0)
      throw new BadInput('shape', name, `tensor_content has ${tensorContent.length} bytes, a value has ${bytes}`);
    const view = new DataView(tensorContent.buffer, tensorContent.byteOffset, tensorContent.length);
    if (kind === 'bool') refuseOtherBytes(name, shape, tensorContent);
    const values = Array.from({ length: tensorContent.length / bytes }, (_, at) => read(view, at * bytes));
    return { kind, values, ...(tensor.dtype === DataType.DT_FLOAT && { isSingle: true }) } as TensorValues;
  }
  switch (tensor.dtype) {
    case DataType.DT_FLOAT:
      return { kind: 'float', values: tensor.floatVal, isSingle: true };
    case DataType.DT_DOUBLE:
      return { kind: 'float', values: tensor.doubleVal };
    case DataType.DT_INT32:
      return { kind: 'int', values: tensor.intVal };
    case DataType.DT_INT64:
      return { kind: 'int', values: tensor.int64Val };
    default:
      return { kind: 'bool', values: tensor.boolVal };
  }
}
