import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import { linearLogits, logisticRegression } from './logistic-regression.ts';

const bits = splitMix32(4);
const next = (): number => bits() / 2 ** 32;
const rows = 400;
const [fields, denseWidth, idRows] = [2, 2, 9];

/** Two fields of 4 and 5 values, two numbers of other scales; labels by a logistic law. */
const examples: LoadedExamples = (() => {
  const ids = Int32Array.from(
    { length: rows * fields },
    (_, at) => Math.floor(next() * (at % 2 === 0 ? 4 : 5)) + (at % 2) * 4,
  );
  const dense = Float32Array.from({ length: rows * denseWidth }, (_, at) => (next() * 2 - 1) * (at % 2 === 0 ? 1 : 30));
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const logit =
      -0.5 + ids[row * 2]! * 0.6 - (ids[row * 2 + 1]! - 4) * 0.3 + dense[row * 2]! + dense[row * 2 + 1]! * 0.02;
    return next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return { rows, fields, denseWidth, ids, dense, labels };
})();

describe('logisticRegression', () => {
  it.each([0.1, 3, 100])('is where the gradient of log-loss and prior is 0, with l2 = %d', async (l2) => {
    const fitted = await logisticRegression(new MemoryRows(examples), { idRows, l2 });
    const logits = linearLogits(examples, fitted);
    const off = Array.from(logits, (logit, row) => 1 / (1 + Math.exp(-logit)) - examples.labels[row]!);
    const gradient = [
      ...Array.from(fitted.ids, (weight, id) =>
        off.reduce(
          (sum, one, row) => (examples.ids.subarray(row * 2, row * 2 + 2).includes(id) ? sum + one : sum),
          l2 * weight,
        ),
      ),
      ...Array.from(fitted.numbers, (weight, input) =>
        off.reduce((sum, one, row) => sum + one * examples.dense[row * 2 + input]!, l2 * weight),
      ),
      off.reduce((sum, one) => sum + one, 0),
    ];
    // The value is known to 1e-6 of itself: a slope g on curvature h costs g² / 2h.
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1);
    expect(Math.abs(gradient.at(-1)!)).toBeLessThan(0.2);
  });

  it('leaves a weight that no row tells of at 0', async () => {
    const { ids } = await logisticRegression(new MemoryRows(examples), { idRows: idRows + 1, l2: 1 });
    expect(ids[idRows]).toBe(0);
  });

  it('stays finite on rows that can be told apart wholly, and on rows of one label', async () => {
    const apart = {
      ...examples,
      labels: Float32Array.from(examples.labels, (_, row) => (examples.ids[row * 2] === 1 ? 1 : 0)),
    };
    const none = { ...examples, labels: new Float32Array(rows) };
    for (const data of [apart, none]) {
      const { ids, numbers, bias } = await logisticRegression(new MemoryRows(data), { idRows, l2: 0.01 });
      expect([...ids, ...numbers, bias].every(Number.isFinite)).toBe(true);
    }
  });
});
