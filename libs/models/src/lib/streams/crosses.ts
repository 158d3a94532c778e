import type { CrossMultipliers } from '../cross-table.ts';
import type { Stream, StreamInput } from './stream.ts';

export interface CrossesOptions {
  readonly stream: 'crosses';
  readonly of: readonly (readonly [number, number])[];
  readonly slots: number;
  readonly multipliers: CrossMultipliers;
}

/**
 * What is remembered of pairs of ids, each by a weight of its own; absent without fields. Source: H.-T. Cheng et al., "Wide & Deep Learning for Recommender
 * Systems", 2016, whose crosses these are.
 */
export function crosses({ ids }: StreamInput, { of, slots, multipliers }: CrossesOptions): Stream | undefined {
  if (!ids) return undefined;
  return { layers: [{ op: 'crosses', name: 'crosses', of, slots, multipliers }], logit: 'crosses' };
}
