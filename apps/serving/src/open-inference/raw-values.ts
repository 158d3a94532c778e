import { BadInput } from '../infer/inference-failure.ts';
import { refuseOtherBytes } from '../infer/boolean-bytes.ts';
import type { TensorValues } from '../infer/tensor.ts';
import { type Datatype, traitsOf } from './datatype.ts';
import { bfloat16 } from './bfloat16.ts';
import type { WireTensor } from './wire-request.ts';

/**
 * Raw tensor data as values: little-endian, elements beside each other; for BYTES each element behind its length, an unsigned 32-bit
 * integer. `elements` is what the shape says. Throws {@link BadInput} where the data has another length, before anything is made of it, and for a byte of a BOOL that is neither 0 nor 1.
 *
 * The values are views of the data where it is aligned: it must not change afterwards.
 */
export function rawValues({ name, datatype, shape }: WireTensor, elements: number, data: Uint8Array): TensorValues {
  const { bytes, kind } = traitsOf(datatype);
  if (kind === 'bytes') return { kind, values: byteElements(name, elements, data) };
  if (data.length !== elements * bytes)
    throw new BadInput(
      'shape',
      name,
      `has ${data.length} bytes of data: ${elements} elements of ${datatype} have ${elements * bytes}`,
    );
  if (kind === 'bool') {
    refuseOtherBytes(name, shape, data);
    return { kind, values: data };
  }
  if (kind === 'float') return { kind, values: floats(datatype, data) };
  return { kind, values: integers(datatype, data) };
}

/** Raw data of BYTES elements. */
export function rawBytes(values: readonly Uint8Array[]): Buffer {
  const data = Buffer.allocUnsafe(values.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const value of values) {
    at = data.writeUInt32LE(value.length, at);
    data.set(value, at);
    at += value.length;
  }
  return data;
}

/** Raw data of numbers: the platforms that Node runs on are little-endian. */
export function rawNumbers(values: NodeJS.TypedArray): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function byteElements(name: string, elements: number, data: Uint8Array): readonly Uint8Array[] {
  // Each element has 4 bytes at least: a shape that says more than there can be is refused before it is looked through.
  if (elements * 4 > data.length) throw short(name, elements, data.length);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const values: Uint8Array[] = [];
  let at = 0;
  while (values.length < elements) {
    if (at + 4 > data.length) throw short(name, elements, data.length);
    const end = at + 4 + view.getUint32(at, true);
    if (end > data.length) throw short(name, elements, data.length);
    values.push(data.subarray(at + 4, end));
    at = end;
  }
  if (at !== data.length)
    throw new BadInput('shape', name, `has ${data.length} bytes of data: its ${elements} BYTES elements end at ${at}`);
  return values;
}

function short(name: string, elements: number, bytes: number): BadInput {
  return new BadInput(
    'shape',
    name,
    `has ${bytes} bytes of data, in which ${elements} BYTES elements are not complete`,
  );
}

function floats(datatype: Datatype, data: Uint8Array): ArrayLike<number> {
  if (datatype === 'FP32') return new Float32Array(...aligned(data, 4));
  if (datatype === 'FP64') return new Float64Array(...aligned(data, 8));
  if (datatype === 'FP16') return new Float16Array(...aligned(data, 2));
  return Float32Array.from(new Uint16Array(...aligned(data, 2)), bfloat16);
}

function integers(datatype: Datatype, data: Uint8Array): ArrayLike<number | bigint> {
  switch (datatype) {
    case 'INT8':
      return new Int8Array(data.buffer, data.byteOffset, data.length);
    case 'INT16':
      return new Int16Array(...aligned(data, 2));
    case 'INT32':
      return new Int32Array(...aligned(data, 4));
    case 'UINT16':
      return new Uint16Array(...aligned(data, 2));
    case 'UINT32':
      return new Uint32Array(...aligned(data, 4));
    case 'INT64':
      return new BigInt64Array(...aligned(data, 8));
    case 'UINT64':
      return new BigUint64Array(...aligned(data, 8));
    default:
      return data;
  }
}

/** What a typed array takes: the data itself where it begins at a multiple of the element's size, else a copy. */
function aligned(data: Uint8Array, bytes: number): [buffer: ArrayBuffer, offset: number, elements: number] {
  const { buffer, byteOffset, length } = data.byteOffset % bytes === 0 ? data : Uint8Array.from(data);
  return [buffer as ArrayBuffer, byteOffset, length / bytes];
}
