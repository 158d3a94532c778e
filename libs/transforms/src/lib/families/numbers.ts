import type { TimeFormat } from '@adstocrat/examples';
import { z } from 'zod';
import type { Numbers } from '../aggregates/texts.ts';
import { type AnyOperation, type Answers, defineOperation, type Needs, type Operation } from '../operation.ts';

/** For operations that are told nothing. */
export const noParameters = z.strictObject({});

/** Largest finite float32. */
const largest = 3.4028234663852886e38;

/** One number a row, from one or more columns; 0 where it is missing, so that a linear part ignores it. */
export function numberOperation<P, N extends Needs, State>(
  of: Pick<Operation<P, N, State>, 'name' | 'summary' | 'parameters' | 'ofNames' | 'takes' | 'needs' | 'complete'> & {
    readonly state: (answers: Answers<N>, parameters: P) => State | undefined;
    /** How its columns write times, where they hold any. */
    readonly times?: (state: State, parameters: P) => readonly TimeFormat[] | undefined;
    /** The row's number; NaN where missing. */
    readonly number: (state: State) => Numbers;
  },
): AnyOperation {
  return defineOperation<P, N, State>({
    ...of,
    fit(answers, parameters) {
      const state = of.state(answers, parameters);
      if (state === undefined) return undefined;
      const times = of.times?.(state, parameters);
      return { slots: 0, size: 0, dims: 1, state, ...(times === undefined ? {} : { times }) };
    },
    compile(state) {
      const numbers = of.number(state);
      return {
        numbers(columns, row, out, at) {
          out[at] = finite(numbers(columns, row));
        },
      };
    },
  });
}

/** A number that a float32 can hold: 0 for NaN, the largest ones for what is beyond them. */
export function finite(value: number): number {
  if (value > largest) return largest;
  if (value < -largest) return -largest;
  return Number.isNaN(value) ? 0 : value;
}
