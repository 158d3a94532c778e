import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '@adstocrat/campaigns';
import type { DataSet } from './data-set.ts';

/** Scores of the rows to score by the product with its defaults: CSV to served model, then through the serving code. */
export async function ourScores({ name, data, task, test }: DataSet, folder: string): Promise<Float64Array> {
  const home = join(folder, 'home');
  const out = join(folder, 'scores.csv');
  const where = ['--home', home, '--free-ports'];
  // 3: trained, and not blessed. It scores nothing then.
  checked(await runCommand(['run', ...where, '--data', data, '--task', task, '--once', '--json']));
  checked(await runCommand(['predict', ...where, '--model', name, '--in', test, '--out', out]));
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1);
  return Float64Array.from(lines, (line) => Number(line.split(',')[1]));
}

function checked({ code, stdout, stderr }: CommandResult): void {
  if (code !== 0) throw new Error(`the command ended with ${code}:\n${stdout.slice(-500)}\n${stderr.slice(-2000)}`);
}
