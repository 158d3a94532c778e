import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import { chooseCalibration } from './choose-calibration.ts';

/** Logits from −4 to 2, and labels whose log-odds the law gives. */
function drawn(rows: number, law: (logit: number) => number): { logits: Float32Array; labels: Float32Array } {
  const bits = splitMix32(5);
  const next = (): number => bits() / 2 ** 32;
  const logits = Float32Array.from({ length: rows }, () => next() * 6 - 4);
  return { logits, labels: Float32Array.from(logits, (logit) => (next() < 1 / (1 + Math.exp(-law(logit))) ? 1 : 0)) };
}

describe('chooseCalibration', () => {
  it.each([
    { law: 'a line', rows: 4000, of: (logit: number) => 0.6 * logit - 1, method: 'platt' },
    { law: 'nothing but noise around it', rows: 400, of: (logit: number) => logit, method: 'platt' },
    { law: 'a step', rows: 20_000, of: (logit: number) => (logit < -1 ? -3 : 1), method: 'isotonic' },
  ])('takes $method where the log-odds are $law', async ({ rows, of, method }) => {
    const { logits, labels } = drawn(rows, of);
    const { calibration, tried } = await chooseCalibration(logits, labels);
    expect(calibration.method).toBe(method);
    expect(tried.map((one) => one.method)).toEqual(['platt', 'temperature', 'isotonic']);
    expect(tried.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  it('takes no steps that few clicks would draw', async () => {
    // 17 clicks among 20,000 rows, as fraud has them.
    const { logits, labels } = drawn(20_000, (logit) => (logit < 1.9 ? -9 : -4.4));
    expect(labels.reduce((sum, label) => sum + label, 0)).toBeLessThan(30);
    const { calibration, tried } = await chooseCalibration(logits, labels);
    expect(tried.map(({ method }) => method)).toEqual(['platt', 'temperature']);
    expect(calibration.method).not.toBe('isotonic');
  });

  it('stays finite where a stretch holds all positives', async () => {
    const logits = Float32Array.from({ length: 100 }, (_, row) => row / 50 - 3);
    const labels = Float32Array.from({ length: 100 }, (_, row) => (row < 20 ? 1 : 0));
    expect((await chooseCalibration(logits, labels)).tried.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });
});
