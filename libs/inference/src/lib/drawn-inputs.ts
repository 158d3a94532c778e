import { splitMix32 } from '@adstocrat/models';
import {
  elementArrays,
  elementCount,
  type ElementTensor,
  tensorOf,
  type Tensors,
  type TensorSpec,
} from './element-tensor.ts';

/** Elements of drawn inputs together, at most: a model of larger ones is not tried before its first request. */
const most = 4_000_000;

/**
 * Values that most models take, the same each time: numbers on either side of 0 of every size from a millionth to a million, integers 0 and 1, short texts. A free first dimension is `rows`,
 * other free ones are 1. Undefined where they would be many.
 */
export function drawnInputs(specs: readonly TensorSpec[], rows: number): Tensors | undefined {
  const next = splitMix32(1);
  const inputs = new Map<string, ElementTensor>();
  let elements = 0;
  for (const { name, type, shape: declared = [rows] } of specs) {
    const shape = declared.map((size, at) => (size >= 0 ? size : at === 0 ? rows : 1));
    elements += elementCount(shape);
    if (elements > most) return undefined;
    const count = elementCount(shape);
    if (type === 'string')
      inputs.set(
        name,
        tensorOf(
          type,
          shape,
          Array.from({ length: count }, () => (next() % 2 === 0 ? 'a' : 'b')),
        ),
      );
    else {
      const data = new elementArrays[type](count);
      for (let at = 0; at < count; at += 1) {
        const whole = next() % 2;
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(whole);
        else data[at] = type.startsWith('float') ? floating(next(), next()) : whole;
      }
      inputs.set(name, tensorOf(type, shape, data));
    }
  }
  return inputs;
}

/** A number of either sign, its size alike in all orders from 10⁻⁶ to 10⁶: what a model does only beyond a limit happens too. */
function floating(one: number, other: number): number {
  return (one % 2 === 0 ? 1 : -1) * 10 ** ((12 * other) / 2 ** 32 - 6);
}
