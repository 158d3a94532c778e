import { crossTable, type StreamOptions, type Weights } from '@adstocrat/models';
import type { CrossBeliefs } from './cross-sweeps.ts';
import { type CrossedRows, firstCross, never, once } from './crossed-rows.ts';

/** Weights of the crosses of two features, and of what a pair may be instead, as they once were. */
export interface RememberedCrosses {
  readonly crossed: CrossedRows;
  readonly mean: Float32Array;
}

export function rememberedCrosses(crosses: readonly CrossBeliefs[]): readonly RememberedCrosses[] {
  return crosses.map(({ crossed, mean }) => ({ crossed, mean: Float32Array.from(mean) }));
}

/** They as a stream and its weights: a pair's weight is how far it is from what holds for pairs never seen. Undefined for none. `known`: by id, 1 where training rows have it. */
export function crossWeights(
  remembered: readonly RememberedCrosses[],
  known: Float32Array,
): { readonly stream: StreamOptions; readonly weights: Weights } | undefined {
  if (remembered.length === 0) return undefined;
  const [firsts, seconds, weights]: [number[], number[], number[]] = [[], [], []];
  const add = (first: number, second: number, weight: number): void => {
    firsts.push(first);
    seconds.push(second);
    weights.push(weight);
  };
  for (const { crossed, mean } of remembered) {
    for (let cross = firstCross; cross < mean.length; cross += 1)
      add(crossed.firsts[cross]!, crossed.seconds[cross]!, mean[cross]! - mean[never]!);
    for (const [at, label] of crossed.onceLabels.entries())
      add(crossed.onceFirsts[at]!, crossed.onceSeconds[at]!, mean[once + label]! - mean[never]!);
  }
  const { multipliers, ...table } = crossTable({ firsts, seconds, weights });
  const parts = { ...table, usual: Float32Array.from(remembered, ({ mean }) => mean[never]!), known };
  const of = remembered.map(({ crossed }) => crossed.places);
  return {
    stream: { stream: 'crosses', of, slots: table.weights.length, multipliers },
    weights: new Map(Object.entries(parts).map(([part, data]) => [`crosses.${part}`, data])),
  };
}
