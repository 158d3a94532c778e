import { isUtf8 } from 'node:buffer';
import { elementArrays, type ElementTensor, type NumericType, type TensorSpec, tensorOf } from '@adstocrat/inference';
import { BadInput } from '../inference-failure.ts';
import { rowAt } from '../row-at.ts';
import type { MixedValue, TensorValues } from '../tensor.ts';

/**
 * Values as the elements of a tensor that a model takes: `elements` of them, the last one standing for those that are left out. Integers
 * keep 64 bits. Throws {@link BadInput} naming the row for a value that is none of the type.
 */
export function elementTensor(
  { name, type }: Pick<TensorSpec, 'name' | 'type'>,
  { values }: TensorValues,
  shape: readonly number[],
  elements: number,
): ElementTensor {
  if (values.length > elements || (values.length === 0 && elements > 0))
    throw new BadInput('shape', name, `holds ${values.length} elements, its shape says ${elements}`);
  const given = values as ArrayLike<MixedValue>;
  if (type === 'string') {
    const place = { name, shape };
    const texts = Array.from(given, (value, at) => textOf(value, place, at));
    while (texts.length < elements) texts.push(texts.at(-1) ?? '');
    return tensorOf(type, shape, texts);
  }
  const array = elementArrays[type];
  if (values instanceof array && values.length === elements)
    return tensorOf(type, shape, values as typeof values & ElementTensor['data']);
  const read = readers[type];
  const data = new array(elements) as Float64Array;
  let last = NaN;
  for (let at = 0; at < given.length; at += 1) {
    const element = read(given[at] as MixedValue);
    if (element === undefined) throw new BadInput('value', name, `${shown(given[at])} is no ${type}`, rowAt(shape, at));
    // Numbers where the array takes numbers, bigints where it takes those.
    data[at] = last = element as number;
  }
  if (given.length < elements) data.fill(last, given.length);
  return tensorOf(type, shape, data as unknown as ElementTensor['data']);
}

type Reader = (value: MixedValue) => number | bigint | undefined;

const readers: Readonly<Record<NumericType, Reader>> = {
  bool: (value) => (typeof value === 'boolean' ? Number(value) : value === 0 || value === 1 ? value : undefined),
  uint8: whole(0n, 8n),
  uint16: whole(0n, 16n),
  uint32: whole(0n, 32n),
  uint64: wide(0n, 64n),
  int8: whole(-1n, 8n),
  int16: whole(-1n, 16n),
  int32: whole(-1n, 32n),
  int64: wide(-1n, 64n),
  float16: numberOf,
  float32: numberOf,
  float64: numberOf,
};

function numberOf(value: MixedValue): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** `sign` −1n: of two's complement. */
function rangeOf(sign: bigint, bits: bigint): readonly [lowest: bigint, highest: bigint] {
  return sign === 0n ? [0n, (1n << bits) - 1n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

function whole(sign: bigint, bits: bigint): Reader {
  const [lowest, highest] = rangeOf(sign, bits).map(Number) as [number, number];
  return (value) => {
    const number = numberOf(value);
    return number !== undefined && Number.isInteger(number) && number >= lowest && number <= highest
      ? number
      : undefined;
  };
}

function wide(sign: bigint, bits: bigint): Reader {
  const [lowest, highest] = rangeOf(sign, bits);
  return (value) => {
    // A double beyond 2^53 stands for several integers.
    const exact = typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    return exact !== undefined && exact >= lowest && exact <= highest ? exact : undefined;
  };
}

function textOf(
  value: MixedValue,
  { name, shape }: Pick<TensorSpec, 'name'> & { readonly shape: readonly number[] },
  at: number,
): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array))
    throw new BadInput('value', name, `${shown(value)} is no string`, rowAt(shape, at));
  if (!isUtf8(value))
    throw new BadInput('value', name, 'these bytes are no UTF-8, and the model takes text', rowAt(shape, at));
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
}

function shown(value: MixedValue | undefined): string {
  if (value instanceof Uint8Array) return `a string of ${value.length} bytes`;
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
