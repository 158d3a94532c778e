import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport } from '../bench-report.ts';
import { expectedDifference, expectedQuality } from './expected-quality.ts';
import { ourScores } from './our-scores.ts';
import { peerScores } from './peer-scores.ts';
import { sets } from './sets.ts';

/**
 * The product with its defaults, CSV to scores, beside a constant, a one-hot logistic regression and LightGBM, which see no pixels, on worlds
 * whose click probabilities are known. `--rows N`, `--seed N`, `--only PART` of a world's name. A bar holds where our expected log-loss is
 * not above the best peer's by more than two standard errors.
 */
export async function quality(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const rows = Number(values.rows ?? 60_000);
  const seed = Number(values.seed ?? 1);
  const figures: Record<string, number> = { rows, seed };
  const peers: Record<string, Record<string, number>> = {};
  const bars: Bar[] = [];
  console.error('expected log-loss (AUC) on rows that no training saw');
  for (const [name, write] of sets) {
    if (!name.includes(values.only ?? '')) continue;
    const folder = mkdtempSync(join(tmpdir(), 'adstocrat-quality-'));
    try {
      const set = await write(rows, seed, folder);
      const { probabilities, unseen } = set;
      const ceiling = expectedQuality(probabilities, probabilities);
      const scores = await ourScores(set, folder);
      const ours = expectedQuality(scores, probabilities);
      const line = [`${name}: ceiling ${text(ceiling)}`, `adstocrat ${text(ours)}`];
      figures[`${name}: log-loss`] = ours.logLoss;
      figures[`${name}: AUC`] = ours.auc;
      figures[`${name}: ceiling log-loss`] = ceiling.logLoss;
      figures[`${name}: ceiling AUC`] = ceiling.auc;
      if (unseen !== undefined) {
        const cold = expectedQuality(only(scores, unseen), only(probabilities, unseen));
        figures[`${name}: log-loss, items never seen`] = cold.logLoss;
        figures[`${name}: AUC, items never seen`] = cold.auc;
        line.push(`items never seen ${text(cold)}`);
      }
      let best: Float64Array | undefined;
      for (const [peer, theirs] of peerScores(set)) {
        const quality = expectedQuality(theirs, probabilities);
        line.push(`${peer} ${text(quality)}`);
        peers[peer] = { ...peers[peer], [`${name}: log-loss`]: quality.logLoss, [`${name}: AUC`]: quality.auc };
        if (best === undefined || quality.logLoss < expectedQuality(best, probabilities).logLoss) best = theirs;
      }
      if (best !== undefined) {
        const { mean, standardError } = expectedDifference(scores, best, probabilities);
        bars.push(atMost(`${name}: log-loss above the best peer's`, mean, 2 * standardError));
      }
      console.error(line.join(' · '));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { bench: 'quality', figures, peers, bars };
}

function only(values: Float64Array, kept: Uint8Array): Float64Array {
  return values.filter((_, row) => kept[row] === 1);
}

const text = ({ logLoss, auc }: { readonly logLoss: number; readonly auc: number }): string =>
  `${logLoss.toFixed(5)} (${auc.toFixed(4)})`;
