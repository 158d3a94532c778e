import { z } from 'zod';
import { splitDouble } from '../exact/double-bits.ts';
import { defineOperation } from '../operation.ts';
import { numberAt } from '../read-values.ts';

/** Largest power of two told apart, above 1 and below it. */
const reach = 40;

/** 0, and each power of two with a sign. */
const buckets = 1 + 2 * (2 * reach + 1);

export const magnitude = defineOperation<Record<never, never>, Record<never, never>, null>({
  name: 'magnitude',
  summary: 'a bucket for each power of two and sign: for counts and amounts of any size',
  parameters: z.strictObject({}),
  needs: () => ({}),
  fit: () => ({ slots: 1, size: 1 + buckets, dims: 0, state: null }),
  compile: () => ({
    ids(columns, row, out, at) {
      const value = numberAt(columns[0], row);
      if (!Number.isNaN(value)) out[at] = 1 + bucketOf(value);
    },
  }),
});

/** 0 for 0; the powers of positive numbers, then those of negative ones. */
function bucketOf(value: number): number {
  if (value === 0) return 0;
  const { mantissa, exponent } = splitDouble(Math.min(Math.abs(value), Number.MAX_VALUE));
  const power = Math.min(reach, Math.max(-reach, mantissa < 1 ? exponent - 1 : exponent));
  return 1 + power + reach + (value < 0 ? 2 * reach + 1 : 0);
}
