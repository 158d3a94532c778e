import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentOf } from '@adstocrat/python-environments';
import { environment } from '../training/trainer-process.ts';
import type { DataSet } from './data-set.ts';

const names = ['constant', 'logistic-regression', 'lightgbm', 'dcn-v2'] as const;
const programs = ['peers.py', 'dcn.py'];
const requirements = resolve(import.meta.dirname, '../../python/training-peers.txt');

const env = { ...process.env, ...environment(2), PYTHONDONTWRITEBYTECODE: '1' };

/** Scores of the rows to score, by peer: trained on the same rows, with settings chosen on the same validation rows. */
export function peerScores({ peers }: DataSet): ReadonlyMap<string, Float64Array> {
  const { python } = environmentOf(requirements);
  for (const program of programs)
    execFileSync(python, [join(import.meta.dirname, program), peers], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Map(
    names.map((name) => [
      name,
      Float64Array.from(readFileSync(`${peers}.${name}.txt`, 'utf8').trimEnd().split('\n'), Number),
    ]),
  );
}
