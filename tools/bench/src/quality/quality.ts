import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type Bar, type BenchReport } from '../bench-report.ts';
import { expectedQuality, type ExpectedQuality } from './expected-quality.ts';
import { gatherSeeds, type SeedResult } from './gather-seeds.ts';
import { ourScores } from './our-scores.ts';
import { peerScores } from './peer-scores.ts';
import { qualityOptions } from './quality-options.ts';
import { sets, type WriteSet } from './sets.ts';

/**
 * The product with its defaults, CSV to scores, beside a constant, a one-hot logistic regression, LightGBM and deepctr-torch's DCN-v2, which see no pixels, on
 * worlds whose click probabilities are known and on a public log, of which the clicks are. `--rows N`, `--seeds N,N` and `--sets PART,PART` of sets' names. A bar
 * holds where our log-loss, over all seeds, is not above the best peer's by more than two standard errors.
 */
export async function quality(args: readonly string[]): Promise<BenchReport> {
  const { rows, seeds, isWanted } = qualityOptions(args, [...sets.keys()]);
  const figures: Record<string, number> = { rows, seeds: seeds.length };
  const peers: Record<string, Record<string, number>> = {};
  const bars: Bar[] = [];
  console.error('expected log-loss (AUC) on rows that no training saw');
  for (const [name, write] of sets) {
    if (!isWanted(name)) continue;
    const results: SeedResult[] = [];
    for (const seed of seeds) {
      const result = await inFolder((folder) => compare(write, rows, seed, folder));
      results.push(result);
      const line = [...result.scored].map(([who, scored]) => `${who} ${text(scored)}`);
      console.error([`${name}, seed ${seed}`, ...line].join(' · '));
    }
    const { means, best, above } = gatherSeeds(results);
    for (const [who, { logLoss, auc }] of means) {
      const of = who in ownNames ? figures : (peers[who] ??= {});
      const suffix = ownNames[who] ?? '';
      of[`${name}: log-loss${suffix}`] = logLoss;
      of[`${name}: AUC${suffix}`] = auc;
    }
    figures[`${name}: log-loss above ${best}'s`] = above.mean;
    figures[`${name}: standard error of that`] = above.standardError;
    bars.push(atMost(`${name}: log-loss above the best peer's`, above.mean, 2 * above.standardError));
  }
  return { bench: 'quality', figures, peers, bars };
}

/** What is no peer, and how its figures are told apart. */
const ownNames: Readonly<Record<string, string>> = {
  ceiling: ', ceiling',
  adstocrat: '',
  'adstocrat, items never seen': ', items never seen',
};

async function compare(write: WriteSet, rows: number, seed: number, folder: string): Promise<SeedResult> {
  const set = await write(rows, seed, folder);
  const { probabilities, unseen, isObserved } = set;
  const scores = await ourScores(set, folder);
  const peers = peerScores(set);
  const scored = new Map<string, ExpectedQuality>();
  if (isObserved !== true) scored.set('ceiling', expectedQuality(probabilities, probabilities));
  scored.set('adstocrat', expectedQuality(scores, probabilities));
  if (unseen !== undefined)
    scored.set('adstocrat, items never seen', expectedQuality(only(scores, unseen), only(probabilities, unseen)));
  for (const [peer, theirs] of peers) scored.set(peer, expectedQuality(theirs, probabilities));
  return { scored, scores, peers, probabilities };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-quality-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function only(values: Float64Array, kept: Uint8Array): Float64Array {
  return values.filter((_, row) => kept[row] === 1);
}

const text = ({ logLoss, auc }: ExpectedQuality): string => `${logLoss.toFixed(5)} (${auc.toFixed(4)})`;
