import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { type FittedFeature, graphOf } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import { turnsOf } from '../testing/turns-of.ts';
import { permutationImportance } from './permutation-importance.ts';
import { sliceFigures } from './slices.ts';

const field = (column: string, terms: readonly string[]): FittedFeature => ({
  op: 'vocabulary',
  columns: [column],
  slots: 1,
  size: terms.length + 2,
  dims: 0,
  state: { terms },
});
const graph = graphOf([field('device', ['phone', 'desk']), field('idle', ['x', 'y'])]);
const bits = splitMix32(2);
const draw = (): number => (bits() / 2 ** 32 < 0.5 ? 1 : 2);
const drawn = Array.from({ length: 2000 }, () => [draw(), 4 + draw()] as const);
/** Phones click always, desks never. */
const examples: LoadedExamples = {
  rows: drawn.length,
  fields: 2,
  denseWidth: 0,
  ids: Int32Array.from(drawn.flat()),
  dense: new Float32Array(),
  labels: Float32Array.from(drawn, ([device]) => (device === 1 ? 1 : 0)),
};
const scoreRows = (rows: LoadedExamples): Promise<Float64Array> =>
  Promise.resolve(Float64Array.from({ length: rows.rows }, (_, row) => (rows.ids[row * 2] === 1 ? 0.9 : 0.1)));

describe('permutationImportance', () => {
  it('is what the loss rises by, and nothing for a column that the model does not read', async () => {
    const [first, second] = await permutationImportance(graph, examples, scoreRows);
    expect(first?.column).toBe('device');
    // Half of the rows get the other device: their loss is ln 10 and not ln (1 ÷ .9).
    expect(first?.lossRise).toBeCloseTo((Math.log(10) + Math.log(0.9)) / 2, 1);
    expect(first?.aucFall).toBeCloseTo(0.5, 1);
    expect(second).toEqual({ column: 'idle', lossRise: 0, aucFall: 0 });
  });
});

describe('sliceFigures', () => {
  it('judges the rows of each value on their own', async () => {
    const slices = await sliceFigures(graph, examples, await scoreRows(examples));
    expect(slices.map(({ column, value }) => `${column}: ${value}`)).toEqual([
      'device: phone',
      'device: desk',
      'idle: x',
      'idle: y',
    ]);
    const phones = drawn.filter(([device]) => device === 1).length;
    expect(slices[0]).toMatchObject({ rows: phones, positives: phones, meanLabel: 1 });
    expect(slices[0]?.meanPrediction).toBeCloseTo(0.9, 10);
  });

  it('lets the event loop turn between values', async () => {
    const scores = await scoreRows(examples);
    expect(await turnsOf(async () => sliceFigures(graph, examples, scores))).toBeGreaterThanOrEqual(4);
  });
});
