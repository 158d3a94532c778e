import { describe, expect, it } from 'vitest';
import { type BatchOptions, clickBatches } from './click-batches.ts';

const options: BatchOptions = { seed: 1, batches: 4, rows: 500, fields: 3, idsAField: 10 };

describe('clickBatches', () => {
  it('draws ids of their own field, each as often as Zipf says', () => {
    const { ids, labels } = clickBatches(options);
    expect(labels).toHaveLength(2000);
    expect(ids).toHaveLength(6000);
    const counts = new Float64Array(30);
    for (const [at, id] of ids.entries()) {
      expect(Math.floor(id / 10)).toBe(at % 3);
      counts[id] = counts[id]! + 1;
    }
    // The tenth harmonic number is 2.929, so the first id comes in 34.1 % of rows and the last in 3.4 %; four deviations of 2000 draws.
    for (const field of [0, 1, 2]) {
      expect(Math.abs(counts[field * 10]! / 2000 - 0.341)).toBeLessThan(0.043);
      expect(Math.abs(counts[field * 10 + 9]! / 2000 - 0.0341)).toBeLessThan(0.017);
    }
  });

  it('gives the same bytes for the same seed and others for another', () => {
    expect(clickBatches(options)).toEqual(clickBatches(options));
    expect(clickBatches(options)).not.toEqual(clickBatches({ ...options, seed: 2 }));
  });
});
