import { existsSync, writeFileSync } from 'node:fs';
import { ExitError } from '../exit-error.ts';
import { createProgress } from '../progress.ts';
import { guessedLine } from '../span-account.ts';
import { nextCommand } from './next-command.ts';
import { systemFor, type SystemChoice } from './system-for.ts';
import { assertData } from './data-place.ts';
import { inferredTask } from './task-source.ts';
import { assertWritable } from './whole-file.ts';

export interface InitOptions extends SystemChoice {
  readonly data: string;
  readonly label: string;
  readonly name?: string;
  readonly out: string;
}

/** Writes a task with every field that can be inferred filled in. Never overwrites one. */
export async function init(options: InitOptions): Promise<void> {
  assertData(options.data);
  if (options.out !== '-') assertNew(options.out);
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  const { taskYaml, notes, guesses } = await inferredTask(system.clients, options, progress);
  for (const note of notes) progress.finish(note);
  progress.finish(guessedLine(guesses));
  if (options.out === '-') {
    process.stdout.write(taskYaml);
    return;
  }
  try {
    writeFileSync(options.out, taskYaml, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw isThere(options.out);
  }
  const next = nextCommand(['run', '--data', options.data, '--task', options.out], options);
  progress.finish(`wrote ${options.out}: review it, then \`${next}\``);
}

/** Before anything is started. */
function assertNew(file: string): void {
  assertWritable(file);
  if (existsSync(file)) throw isThere(file);
}

const isThere = (file: string): ExitError =>
  new ExitError(1, `${file} is there already: remove it, or name another file with --out`);
