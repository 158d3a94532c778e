import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '@adstocrat/campaigns';
import type { DataSet } from './data-set.ts';

/** Scores of the rows to score by the product with its defaults: CSV to served model, then through the serving code. */
export async function ourScores(set: DataSet, folder: string): Promise<Float64Array> {
  if (!(await trained(set, folder))) throw new Error(`the first model of ${set.name} was not blessed`);
  return scoresOf(set, folder);
}

/** Has the command train by the task and put what comes of it into service. False where it was not blessed. */
export async function trained({ data, task }: DataSet, folder: string): Promise<boolean> {
  const result = await runCommand(['run', ...homeIn(folder), '--data', data, '--task', task, '--once', '--json']);
  // 3: trained, and not blessed.
  if (result.code !== 3) checked(result);
  return result.code !== 3;
}

/** By the version in service. */
export async function scoresOf({ name, test }: DataSet, folder: string): Promise<Float64Array> {
  const out = join(folder, 'scores.csv');
  checked(await runCommand(['predict', ...homeIn(folder), '--model', name, '--in', test, '--out', out]));
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1);
  return Float64Array.from(lines, (line) => Number(line.split(',')[1]));
}

export function homeIn(folder: string): readonly string[] {
  return ['--home', join(folder, 'home'), '--free-ports'];
}

/** Throws where the command failed. */
export function checked({ code, stdout, stderr }: CommandResult): void {
  if (code !== 0) throw new Error(`the command ended with ${code}:\n${stdout.slice(-500)}\n${stderr.slice(-2000)}`);
}
