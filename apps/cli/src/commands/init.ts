import { existsSync, writeFileSync } from 'node:fs';
import type { ingestion } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import { systemFor, type SystemChoice } from './system-for.ts';
import { assertData, dataUri } from './data-place.ts';
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
  await using system = await systemFor(options);
  const request = { dataUri: dataUri(options.data), label: options.label, name: options.name ?? '' };
  const { taskYaml, notes } = await callWhenUp<ingestion.InferTaskResponse>((done) =>
    system.clients.ingestion.inferTask(request, done),
  );
  for (const note of notes) console.error(note);
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
  console.error(
    `wrote ${options.out}: review it, then \`npx adstocrat run --data ${options.data} --task ${options.out}\``,
  );
}

/** Before anything is started. */
function assertNew(file: string): void {
  assertWritable(file);
  if (existsSync(file)) throw isThere(file);
}

const isThere = (file: string): ExitError =>
  new ExitError(1, `${file} is there already: remove it, or name another file with --out`);
