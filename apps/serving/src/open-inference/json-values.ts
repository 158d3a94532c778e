import { BadInput } from '../infer/inference-failure.ts';
import { rowAt } from '../infer/row-at.ts';
import type { TensorValues } from '../infer/tensor.ts';
import { type Datatype, traitsOf } from './datatype.ts';
import type { WireTensor } from './wire-request.ts';

/**
 * JSON tensor data as values. The data is a list of the elements in row-major order, or nested lists as the shape says. Null is NaN in
 * floating point. BYTES are strings of UTF-8. Throws {@link BadInput} naming the row for a value of another kind, and where there are
 * not as many as the shape says.
 */
export function jsonValues(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  elements: number,
  data: unknown,
): TensorValues {
  if (!Array.isArray(data)) throw new BadInput('shape', name, 'has no data: a list is expected');
  const flat = data.some(Array.isArray) ? flattened(name, shape, data) : (data as readonly unknown[]);
  if (flat.length !== elements)
    throw new BadInput('shape', name, `holds ${flat.length} elements, its shape says ${elements}`);
  const { kind } = traitsOf(datatype);
  const tensor = { name, datatype, shape };
  switch (kind) {
    case 'bool':
      return { kind, values: flat.map((value, at) => booleanOf(tensor, value, at)) };
    case 'int':
      return { kind, values: flat.map(integerReader(tensor)) };
    case 'float':
      return { kind, values: floats(flat, floatReader(tensor)) };
    case 'bytes':
      return { kind, values: flat.map((value, at) => bytesOf(tensor, value, at)) };
  }
}

function flattened(name: string, shape: readonly number[], data: readonly unknown[]): readonly unknown[] {
  let level: readonly unknown[] = data;
  for (const [depth, size] of shape.entries()) {
    if (depth === 0) {
      if (level.length !== size) throw nesting(name, shape);
      continue;
    }
    const next: unknown[] = [];
    for (const list of level) {
      if (!Array.isArray(list) || list.length !== size) throw nesting(name, shape);
      for (const value of list) next.push(value);
    }
    level = next;
  }
  if (level.some(Array.isArray)) throw nesting(name, shape);
  return level;
}

function nesting(name: string, shape: readonly number[]): BadInput {
  return new BadInput('shape', name, `has data that is not nested as its shape [${shape.join(',')}] says`);
}

function booleanOf({ name, shape }: WireTensor, value: unknown, at: number): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  throw new BadInput('value', name, `${shown(value)} is no BOOL`, rowAt(shape, at));
}

function integerReader({ name, datatype, shape }: WireTensor): (value: unknown, at: number) => number | bigint {
  const bits = BigInt(8 * traitsOf(datatype).bytes);
  const lowest = datatype.startsWith('U') ? 0n : -(1n << (bits - 1n));
  const highest = lowest + (1n << bits) - 1n;
  const [least, most] = [Number(lowest), Number(highest)];
  return (value, at) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    if (typeof value === 'bigint' && value >= lowest && value <= highest) return value;
    throw new BadInput('value', name, `${shown(value)} is no ${datatype}`, rowAt(shape, at));
  };
}

function floatReader({ name, datatype, shape }: WireTensor): (value: unknown, at: number) => number {
  // What a 32-bit tensor would hold, whichever way it is sent.
  const round = datatype === 'FP64' ? (value: number) => value : Math.fround;
  return (value, at) => {
    if (typeof value === 'number') return round(value);
    if (typeof value === 'bigint') return round(Number(value));
    if (value === null) return NaN;
    throw new BadInput('value', name, `${shown(value)} is no ${datatype}`, rowAt(shape, at));
  };
}

/** As `Float64Array.from`, which goes by the iterator's protocol. */
function floats(flat: readonly unknown[], read: (value: unknown, at: number) => number): Float64Array {
  const values = new Float64Array(flat.length);
  for (let at = 0; at < flat.length; at += 1) values[at] = read(flat[at], at);
  return values;
}

function bytesOf({ name, shape }: WireTensor, value: unknown, at: number): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value);
  throw new BadInput('value', name, `${shown(value)} is no string, and the datatype is BYTES`, rowAt(shape, at));
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  const text = typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
