import { crossIdLimit, crossPrime, crossScale, type CrossTable } from '../cross-table.ts';
import type { OnnxGraphWriter } from './graph-writer.ts';

/** ONNX' numbers of types. */
const [float, int64, double] = [1, 7, 11];

/** The names of constants that hold what is said of pairs of features, and of which ids are known. */
export interface CrossNames {
  readonly of: readonly (readonly [number, number])[];
  readonly usual: string;
  readonly known: string;
  /** Of the table's weights. */
  readonly weights: string;
}

/**
 * Writes what is said of the pairs of the row's `ids`: [N, 1]. A pair of the table is found by its key, first · {@link crossIdLimit} + second, at
 * its slot in one of the halves; the other adds 0.
 */
export function writeCrosses(
  writer: OnnxGraphWriter,
  { of, usual, known, weights: name }: CrossNames,
  { firsts, seconds, weights, multipliers }: CrossTable,
): string {
  const slots = weights.length;
  const data = BigInt64Array.from(firsts, (first, slot) => BigInt(first * crossIdLimit + seconds[slot]!));
  const keys = writer.constant({ name: `${name}.keys`, shape: [slots], data });
  const stored = writer.constant({ name, shape: [slots], data: weights });
  const [a, b] = ([0, 1] as const).map((place) =>
    writer.node('Gather', ['ids', writer.integers(of.map((pair) => pair[place]))], { axis: 1 }),
  );
  const [wideA, wideB] = [a!, b!].map((ids) => writer.node('Cast', [ids], { to: int64 }));
  const sumOfProducts = (first: number, second: number): string =>
    writer.add(
      writer.multiply(wideA!, writer.integers([first])),
      second === 1 ? wideB! : writer.multiply(wideB!, writer.integers([second])),
    );
  const key = sumOfProducts(crossIdLimit, 1);
  const [one, other] = multipliers.map(([first, second], half) => {
    const hash = writer.node('Mod', [sumOfProducts(first, second), writer.integers([crossPrime])]);
    const scaled = writer.multiply(writer.node('Cast', [hash], { to: double }), writer.double(crossScale(slots)));
    // A cast of a positive number rounds it down.
    const own = writer.node('Cast', [scaled], { to: int64 });
    const slot = half === 0 ? own : writer.add(own, writer.integers([slots / 2]));
    const found = writer.node('Equal', [writer.node('Gather', [keys, slot]), key]);
    return writer.multiply(writer.node('Gather', [stored, slot]), writer.node('Cast', [found], { to: float }));
  });
  const both = writer.multiply(writer.node('Gather', [known, a!]), writer.node('Gather', [known, b!]));
  const said = writer.node('Gemm', [both, usual]);
  return writer.add(said, writer.sumGroups(writer.add(one!, other!), of.length, 1));
}
