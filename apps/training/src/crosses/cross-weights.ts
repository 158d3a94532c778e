import { crossTable, type StreamOptions, type Weights } from '@adstocrat/models';
import type { CrossBeliefs } from './cross-sweeps.ts';

/** The means as a stream and its weights: what holds for pairs that are no crosses is in the bias, and a cross' weight is how far it is from there. Undefined for none. */
export function crossWeights(
  crosses: readonly CrossBeliefs[],
): { readonly stream: StreamOptions; readonly bias: number; readonly weights: Weights } | undefined {
  if (crosses.length === 0) return undefined;
  const [firsts, seconds, weights]: [number[], number[], number[]] = [[], [], []];
  for (const { crossed, mean } of crosses) {
    for (let cross = 1; cross < mean.length; cross += 1) {
      firsts.push(crossed.firsts[cross]!);
      seconds.push(crossed.seconds[cross]!);
      weights.push(mean[cross]! - mean[0]!);
    }
  }
  const { multipliers, ...table } = crossTable({ firsts, seconds, weights });
  const of = crosses.map(({ crossed }) => crossed.places);
  return {
    stream: { stream: 'crosses', of, slots: table.weights.length, multipliers },
    bias: crosses.reduce((sum, { mean }) => sum + mean[0]!, 0),
    weights: new Map(Object.entries(table).map(([part, data]) => [`crosses.${part}`, data])),
  };
}
