import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a server keeps in its work folder between starts. */
const kept = ['deployments.json', 'models', 'prediction-log'] as const;

/** The work folder of process `number`, counted from 1, of a supervised server. */
export function processFolder(root: string, number: number): string {
  return join(root, 'processes', String(number));
}

/** The work folders beside a process's own: of its siblings where it is supervised, else of those that were supervised here before it. */
export function neighbourFolders(workDir: string, supervised: boolean): readonly string[] {
  const parent = supervised ? dirname(workDir) : join(workDir, 'processes');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => /^\d+$/.test(name))
    .map((name) => join(parent, name))
    .filter((folder) => folder !== workDir);
}

/** Gives what a server alone kept in `root` to its first process: rows that wait for the bus, and the models in force. */
export function handDown(root: string): void {
  const first = processFolder(root, 1);
  mkdirSync(first, { recursive: true, mode: 0o700 });
  for (const name of kept) {
    const to = join(first, name);
    if (existsSync(join(root, name)) && !existsSync(to)) renameSync(join(root, name), to);
  }
}
