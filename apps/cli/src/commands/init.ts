import { writeFileSync } from 'node:fs';
import type { ingestion } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import { systemFor, type SystemChoice } from './system-for.ts';
import { dataUri } from './task-source.ts';

export interface InitOptions extends SystemChoice {
  readonly data: string;
  readonly label: string;
  readonly name?: string;
  readonly out: string;
}

/** Writes a task with every field that can be inferred filled in. Never overwrites one. */
export async function init(options: InitOptions): Promise<void> {
  await using system = await systemFor(options);
  const request = { dataUri: dataUri(options.data), label: options.label, name: options.name ?? '' };
  const { taskYaml } = await callWhenUp<ingestion.InferTaskResponse>((done) =>
    system.clients.ingestion.inferTask(request, done),
  );
  if (options.out === '-') {
    process.stdout.write(taskYaml);
    return;
  }
  try {
    writeFileSync(options.out, taskYaml, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ExitError(1, `${options.out} is there already: remove it, or name another file with --out`, {
      cause: error,
    });
  }
  console.error(
    `wrote ${options.out}: review it, then \`npx adstocrat run --data ${options.data} --task ${options.out}\``,
  );
}
