import { crossIdLimit, crossPrime, type CrossTable } from '../cross-table.ts';
import type { OnnxGraphWriter } from './graph-writer.ts';

/** ONNX' numbers of types. */
const [float, int64] = [1, 7];

/**
 * Writes the sum of what a table has for pairs of the row's `ids`: [N, 1]. A pair is found by its key, first · {@link crossIdLimit} + second, at
 * one of its two slots; elsewhere it adds 0. `name`: of the table's weights.
 */
export function writeCrosses(
  writer: OnnxGraphWriter,
  of: readonly (readonly [number, number])[],
  name: string,
  { firsts, seconds, weights, multipliers }: CrossTable,
): string {
  const slots = weights.length;
  const keys = BigInt64Array.from(firsts, (first, slot) => BigInt(first * crossIdLimit + seconds[slot]!));
  const stored = {
    keys: writer.constant({ name: `${name}.keys`, shape: [slots], data: keys }),
    weights: writer.constant({ name, shape: [slots], data: weights }),
  };
  const [a, b] = ([0, 1] as const).map((place) => {
    const places = writer.integers(of.map((pair) => pair[place]));
    return writer.node('Cast', [writer.node('Gather', ['ids', places], { axis: 1 })], { to: int64 });
  });
  const sumOfProducts = (first: number, second: number): string =>
    writer.add(writer.node('Mul', [a!, writer.integers([first])]), writer.node('Mul', [b!, writer.integers([second])]));
  const modulo = (x: string, divisor: number): string => writer.node('Mod', [x, writer.integers([divisor])]);
  const key = sumOfProducts(crossIdLimit, 1);
  const [one, other] = multipliers.map(([first, second]) => {
    const slot = modulo(modulo(sumOfProducts(first, second), crossPrime), slots);
    const found = writer.node('Equal', [writer.node('Gather', [stored.keys, slot]), key]);
    return writer.multiply(writer.node('Gather', [stored.weights, slot]), writer.node('Cast', [found], { to: float }));
  });
  return writer.sumGroups(writer.add(one!, other!), of.length, 1);
}
