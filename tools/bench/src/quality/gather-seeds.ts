import { expectedDifference, type ExpectedQuality } from './expected-quality.ts';

/** What one seed of a set showed: figures of the ceiling, of ours and of the peers', by who, and the scores themselves. */
export interface SeedResult {
  readonly scored: ReadonlyMap<string, ExpectedQuality>;
  readonly scores: Float64Array;
  readonly peers: ReadonlyMap<string, Float64Array>;
  readonly probabilities: Float64Array;
}

/** A set over its seeds. */
export interface GatheredSeeds {
  readonly means: ReadonlyMap<string, ExpectedQuality>;
  /** The peer with the lowest mean log-loss. */
  readonly best: string;
  /** By how much our log-loss is above that peer's, the mean over seeds; its error is that of the rows, and of the seeds where there are several. */
  readonly above: { readonly mean: number; readonly standardError: number };
}

/** Throws `RangeError` for no seed or no peer. */
export function gatherSeeds(results: readonly SeedResult[]): GatheredSeeds {
  const count = results.length;
  const names = [...(results[0]?.scored.keys() ?? [])];
  const means = new Map(
    names.map((name) => {
      const mean = (of: keyof ExpectedQuality): number =>
        results.reduce((sum, { scored }) => sum + (scored.get(name)?.[of] ?? NaN), 0) / count;
      return [name, { logLoss: mean('logLoss'), auc: mean('auc') }] as const;
    }),
  );
  const lossOf = (peer: string): number => means.get(peer)?.logLoss ?? NaN;
  const [best] = [...(results[0]?.peers.keys() ?? [])].toSorted((a, b) => lossOf(a) - lossOf(b));
  if (best === undefined) throw new RangeError('there is no seed, or no peer to compare with');
  const differences = results.map(({ scores, peers, probabilities }) =>
    expectedDifference(scores, peers.get(best) ?? scores, probabilities),
  );
  const mean = differences.reduce((sum, one) => sum + one.mean, 0) / count;
  const ofRows = Math.sqrt(differences.reduce((sum, { standardError }) => sum + standardError ** 2, 0)) / count;
  const squares = differences.reduce((sum, one) => sum + (one.mean - mean) ** 2, 0);
  const ofSeeds = count < 2 ? 0 : Math.sqrt(squares / (count - 1) / count);
  return { means, best, above: { mean, standardError: Math.max(ofRows, ofSeeds) } };
}
