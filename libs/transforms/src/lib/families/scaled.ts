import { z } from 'zod';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { moments, type MomentsOf } from '../aggregates/moments.ts';
import type { Numbers } from '../aggregates/texts.ts';
import type { AnyOperation } from '../operation.ts';
import { numberOperation } from './numbers.ts';

/** Deviations beyond which a standardized number is cut. */
export const cutDeviations = 8;

export const scaleParameters = {
  /** False leaves the number as it is; true takes the mean off and divides by the deviation, cut to ±8. */
  standardize: z.boolean().default(true),
};

interface Scaled<P> {
  readonly mean: number;
  readonly scale: number;
  readonly parameters: P;
}

/** A function of the row's columns, standardized over the training rows. */
export function scaledOperation<P extends { readonly standardize: boolean }>(of: {
  readonly name: string;
  readonly summary: string;
  readonly parameters: z.ZodType<P>;
  readonly takes?: (parameters: P) => readonly string[];
  readonly number: (parameters: P) => Numbers;
}): AnyOperation {
  return numberOperation<P, { readonly spread: Aggregate<MomentsOf> }, Scaled<P>>({
    ...of,
    needs: (parameters) => ({ spread: moments(of.number(parameters)) }),
    state: ({ spread }, parameters) => (spread.count === 0 ? undefined : { ...scaleOf(spread), parameters }),
    number: ({ mean, scale, parameters }) => {
      const number = of.number(parameters);
      if (!parameters.standardize) return number;
      return (columns, row) => standardized(number(columns, row), mean, scale);
    },
  });
}

export function scaleOf({ mean, deviation }: MomentsOf): { readonly mean: number; readonly scale: number } {
  return { mean, scale: deviation > 0 ? deviation : 1 };
}

/** (value − mean) ÷ scale, cut to ±8; NaN stays NaN. */
export function standardized(value: number, mean: number, scale: number): number {
  const scaled = (value - mean) / scale;
  return scaled > cutDeviations ? cutDeviations : scaled < -cutDeviations ? -cutDeviations : scaled;
}
