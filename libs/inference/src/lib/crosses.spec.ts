import { describe, expect, it } from 'vitest';
import { crossTable, type ModelSpec, scoringGraph, splitMix32, uncalibrated } from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import { OnnxSession } from './onnx-session.ts';

const each = 60_000;
const of = [
  [0, 1],
  [2, 1],
] as const;
const usual = [-0.5, 0.75];

describe('a model that remembers pairs of ids', () => {
  it.each([1, 2, 3, 100, 3000, 70_000])(
    'adds what it remembers of %d pairs once, what is usual for others of known ids, and the same in one row as among many',
    async (pairs) => {
      const bits = splitMix32(pairs);
      const remembered = new Map<string, number>();
      // The last ids, so that products are large.
      while (remembered.size < pairs)
        remembered.set(
          `${2 * each + (bits() % each)} ${2 * each - 1 - (bits() % Math.ceil(pairs / 100))}`,
          (bits() % 1000) / 250 - 2,
        );
      const ids = [...remembered.keys()].map((key) => key.split(' ').map(Number));
      const { multipliers, ...table } = crossTable({
        firsts: ids.map(([a]) => a!),
        seconds: ids.map(([, b]) => b!),
        weights: [...remembered.values()],
      });
      const known = Float32Array.from({ length: 3 * each }, (_, id) => (id % 7 === 0 ? 0 : 1));
      const spec: ModelSpec = {
        version: 2,
        inputs: { fields: 3, idRows: 3 * each, dense: 0 },
        layers: [
          { op: 'crosses', name: 'crosses', of, slots: table.weights.length, multipliers },
          { op: 'bias', name: 'logit', of: 'crosses' },
        ],
        logit: 'logit',
      };
      const weights = new Map([
        ...Object.entries(table).map(([part, data]) => [`crosses.${part}`, data] as const),
        ['crosses.usual', Float32Array.from(usual)] as const,
        ['crosses.known', known] as const,
        ['logit.bias', Float32Array.of(0.25)] as const,
      ]);
      const session = await OnnxSession.open(encodeOnnx(scoringGraph(spec, weights, uncalibrated)));
      // Half of the rows have a pair that is remembered, in the second place; a quarter of them its first id in the first place too.
      const rows = Array.from({ length: 400 }, (_, row) => {
        const [a, b] = ids[bits() % pairs]!;
        return row % 2 === 0 ? [row % 4 === 0 ? a! : bits() % each, b!, a!] : [bits() % each, each + 5, 2 * each + 9];
      });
      const scored = (some: readonly number[][]): Promise<Float32Array> =>
        session.run({ ids: { data: Int32Array.from(some.flat()), shape: [some.length, 3] } });
      const scores = await scored(rows);
      for (const [row, inRow] of rows.entries()) {
        let logit = 0.25;
        for (const [at, [one, other]] of of.entries()) {
          const [a, b] = [inRow[one]!, inRow[other]!];
          logit += (remembered.get(`${a} ${b}`) ?? 0) + usual[at]! * known[a]! * known[b]!;
        }
        expect(scores[row]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
        if (row < 40) expect((await scored([inRow]))[0]).toBe(scores[row]);
      }
      await session.close();
    },
  );
});
