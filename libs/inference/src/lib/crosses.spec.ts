import { describe, expect, it } from 'vitest';
import { crossIdLimit, crossTable, type ModelSpec, scoringGraph, splitMix32, uncalibrated } from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import { OnnxSession } from './onnx-session.ts';

describe('a model that remembers pairs of ids', () => {
  it('adds what it remembers, nothing for other pairs, and the same in one row as among many', async () => {
    const bits = splitMix32(4);
    const remembered = new Map<string, number>();
    // Ids up to the largest that a table takes.
    while (remembered.size < 3000)
      remembered.set(`${bits() % 60} ${crossIdLimit - 1 - (bits() % 90)}`, (bits() % 1000) / 250 - 2);
    const ids = [...remembered.keys()].map((key) => key.split(' ').map(Number));
    const { multipliers, ...table } = crossTable({
      firsts: ids.map(([a]) => a!),
      seconds: ids.map(([, b]) => b!),
      weights: [...remembered.values()],
    });
    const slots = table.weights.length;
    const of = [
      [0, 1],
      [2, 1],
    ] as const;
    const spec: ModelSpec = {
      version: 2,
      inputs: { fields: 3, idRows: crossIdLimit, dense: 0 },
      layers: [
        { op: 'crosses', name: 'crosses', of, slots, multipliers },
        { op: 'bias', name: 'logit', of: 'crosses' },
      ],
      logit: 'logit',
    };
    const weights = new Map([
      ...Object.entries(table).map(([part, data]) => [`crosses.${part}`, data] as const),
      ['logit.bias', Float32Array.of(0.25)] as const,
    ]);
    const session = await OnnxSession.open(encodeOnnx(scoringGraph(spec, weights, uncalibrated)));
    const rows = Array.from({ length: 400 }, () => [bits() % 70, crossIdLimit - 1 - (bits() % 100), bits() % 70]);
    const scored = (some: readonly number[][]): Promise<Float32Array> =>
      session.run({ ids: { data: Int32Array.from(some.flat()), shape: [some.length, 3] } });
    const scores = await scored(rows);
    let found = 0;
    for (const [row, [a, b, c]] of rows.entries()) {
      const own = [remembered.get(`${a} ${b}`), remembered.get(`${c} ${b}`)];
      found += own.filter((one) => one !== undefined).length;
      const logit = 0.25 + own.reduce<number>((sum, one = 0) => sum + one, 0);
      expect(scores[row]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
      if (row < 50) expect((await scored([rows[row]!]))[0]).toBe(scores[row]);
    }
    // Of 60 × 90 pairs 3000 are remembered, and 6 of 7 and 9 of 10 ids are among those: 800 · .556 · .771 = 343.
    expect(Math.abs(found - 343)).toBeLessThan(70);
    await session.close();
  });
});
