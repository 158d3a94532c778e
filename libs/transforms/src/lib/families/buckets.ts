import type { z } from 'zod';
import { type AnyOperation, type Answers, defineOperation, type Needs } from '../operation.ts';
import { numberAt } from '../read-values.ts';

/**
 * Numbers to buckets between ascending boundaries: a value's bucket is the number of boundaries that are at most it. Ids: 0 missing,
 * then the buckets.
 */
export function bucketOperation<P, N extends Needs>(of: {
  readonly name: string;
  readonly summary: string;
  readonly parameters: z.ZodType<P>;
  readonly needs: (parameters: P) => N;
  /** In any order, also with repetitions; undefined: nothing to fit. */
  readonly boundaries: (answers: Answers<N>, parameters: P) => readonly number[] | undefined;
}): AnyOperation {
  return defineOperation<P, N, { readonly boundaries: readonly number[] }>({
    ...of,
    ofNumber: true,
    fit(answers, parameters) {
      const given = of.boundaries(answers, parameters);
      if (given === undefined) return undefined;
      const boundaries = [...new Set(given)].sort((a, b) => a - b);
      return { slots: 1, size: boundaries.length + 2, dims: 0, state: { boundaries } };
    },
    compile({ boundaries }) {
      const sorted = Float64Array.from(boundaries);
      return {
        ids(columns, row, out, at) {
          const value = numberAt(columns[0], row);
          if (!Number.isNaN(value)) out[at] = bucketOf(sorted, value) + 1;
        },
      };
    },
  });
}

/** How many boundaries are at most the value. */
export function bucketOf(boundaries: Float64Array, value: number): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (boundaries[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
