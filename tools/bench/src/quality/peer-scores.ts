import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataSet } from './data-set.ts';

const names = ['constant', 'logistic-regression', 'lightgbm'] as const;
const packages = ['scikit-learn==1.9.1', 'lightgbm==4.7.0'];
const folder = resolve(import.meta.dirname, '../../../../.cache/quality-peers');

/** Scores of the rows to score, by peer: trained on the same rows, with settings chosen on the same validation rows. */
export function peerScores({ peers }: DataSet): ReadonlyMap<string, Float64Array> {
  execFileSync(python(), [join(import.meta.dirname, 'peers.py'), peers], { stdio: ['ignore', 'inherit', 'inherit'] });
  return new Map(
    names.map((name) => [
      name,
      Float64Array.from(readFileSync(`${peers}.${name}.txt`, 'utf8').trimEnd().split('\n'), Number),
    ]),
  );
}

/** An interpreter that has the peers, made on the first call. Throws where there is no python3, or pip can't fetch them. */
function python(): string {
  const path = join(folder, 'bin', 'python');
  const done = join(folder, 'bin', 'lightgbm-is-there');
  if (existsSync(done)) return path;
  mkdirSync(folder, { recursive: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  execFileSync(path, ['-m', 'pip', 'install', '--quiet', ...packages], { stdio: 'inherit' });
  execFileSync('touch', [done]);
  return path;
}
