import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { RawInput } from './raw-input.ts';
import { refuseSize, refuseUnknown } from './request-rows.ts';

const { DataType } = tfs;

/** Most bytes of the strings of a request with those that are repeated: as many as a request may have that repeats none. */
const maxBytes = 64 * 1024 * 1024;

/** How numbers lie in `tensor_content`: little-endian. */
const readers: Readonly<Record<number, readonly [bytes: number, read: (view: DataView, at: number) => number]>> = {
  [DataType.DT_FLOAT]: [4, (view, at) => view.getFloat32(at, true)],
  [DataType.DT_DOUBLE]: [8, (view, at) => view.getFloat64(at, true)],
  [DataType.DT_INT32]: [4, (view, at) => view.getInt32(at, true)],
  [DataType.DT_INT64]: [8, (view, at) => Number(view.getBigInt64(at, true))],
  [DataType.DT_BOOL]: [1, (view, at) => view.getUint8(at)],
};

/**
 * The tensors of a request for a model of these columns. A shape may say any number, and one value stands for as many rows: throws
 * {@link InvalidRequest} where they stand for more than is answered at once, before anything is made of them.
 */
export function decodeTensors(
  tensors: ReadonlyMap<string, tfs.TensorProto>,
  columns: ReadonlySet<string>,
): ReadonlyMap<string, RawInput> {
  const given = [...tensors];
  refuseUnknown(
    given.map(([name]) => name),
    columns,
  );
  let [cells, bytes] = [0, 0];
  for (const [name, tensor] of given) {
    const rows = rowsOf(name, tensor);
    refuseSize(name, rows, (cells += rows));
    const { stringVal } = tensor;
    const repeated = Math.max(0, rows - stringVal.length) * (stringVal.at(-1)?.length ?? 0);
    bytes += stringVal.reduce((sum, { length }) => sum + length, repeated);
    if (bytes > maxBytes)
      throw new InvalidRequest(
        `with input "${name}" the strings of the request have ${bytes} bytes, those that its shape repeats included: at most ${maxBytes} are answered at once`,
      );
  }
  return new Map(given.map(([name, tensor]) => [name, decodeTensor(name, tensor)]));
}

/**
 * A tensor of shape [rows], or [] for one row, as a raw input. Values lie in the field of their type or in `tensor_content`;
 * fewer values than rows repeat the last one, as in TensorFlow. Throws {@link InvalidRequest} naming the input.
 */
export function decodeTensor(name: string, tensor: tfs.TensorProto): RawInput {
  const rows = rowsOf(name, tensor);
  if (tensor.dtype === DataType.DT_STRING) return { kind: 'bytes', values: filled(name, tensor.stringVal, rows) };
  const reader = readers[tensor.dtype];
  if (reader === undefined) {
    throw new InvalidRequest(
      `input "${name}" is of dtype ${tensor.dtype}: DT_STRING, DT_INT64, DT_INT32, DT_FLOAT, DT_DOUBLE and DT_BOOL are understood`,
    );
  }
  const content = tensor.tensorContent;
  if (content.length > 0) {
    const [bytes, read] = reader;
    if (content.length !== bytes * rows)
      throw new InvalidRequest(
        `input "${name}": tensor_content has ${content.length} bytes, ${rows} rows need ${bytes * rows}`,
      );
    const view = new DataView(content.buffer, content.byteOffset, content.length);
    return { kind: 'number', values: Float64Array.from({ length: rows }, (_, row) => read(view, row * bytes)) };
  }
  return { kind: 'number', values: Float64Array.from(filled(name, numbersOf(tensor), rows)) };
}

function numbersOf(tensor: tfs.TensorProto): readonly number[] {
  switch (tensor.dtype) {
    case DataType.DT_FLOAT:
      return tensor.floatVal;
    case DataType.DT_DOUBLE:
      return tensor.doubleVal;
    case DataType.DT_INT32:
      return tensor.intVal;
    case DataType.DT_INT64:
      return tensor.int64Val.map(Number);
    default:
      return tensor.boolVal.map(Number);
  }
}

function rowsOf(name: string, { tensorShape }: tfs.TensorProto): number {
  const sizes = tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  if (tensorShape?.unknownRank === true || sizes.length > 1 || sizes.some((size) => size < 0))
    throw new InvalidRequest(`input "${name}" has shape [${sizes.join(', ')}]: [rows] is expected, or [] for one row`);
  const rows = sizes[0] ?? 1;
  return rows;
}

function filled<T>(name: string, values: readonly T[], rows: number): readonly T[] {
  if (values.length === rows) return values;
  const last = values.at(-1);
  if (last === undefined || values.length > rows)
    throw new InvalidRequest(`input "${name}" holds ${values.length} values, its shape says ${rows}`);
  return Array.from({ length: rows }, (_, row) => values[row] ?? last);
}
