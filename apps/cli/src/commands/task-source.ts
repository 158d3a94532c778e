import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ingestion } from '@adstocrat/schemas';
import { parseTask } from '@adstocrat/tasks';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import type { Progress } from '../progress.ts';
import { watch } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';
import { dataUri } from './data-place.ts';

export interface DataOptions {
  readonly data?: string;
  readonly label?: string;
  readonly task?: string;
}

/** A task as YAML, and what of it was guessed. */
export interface SourcedTask {
  readonly yaml: string;
  readonly guesses: readonly ingestion.Guess[];
  /** What was said of the data, as notes of a span say it. */
  readonly said: readonly string[];
}

/** The task a command is about: read from --task, or inferred from --data and --label; what is odd is said to `progress`. */
export async function taskOf(clients: Clients, options: DataOptions, progress: Progress): Promise<SourcedTask> {
  if (options.task !== undefined) return { yaml: readTask(options.task), guesses: [], said: [] };
  if (options.label === undefined || options.data === undefined) {
    throw new ExitError(2, 'say what to predict: --task FILE, or --data URI with --label NAME');
  }
  const { taskYaml, notes, guesses } = await inferredTask(clients, { ...options, name: '' }, progress);
  for (const sentence of notes) progress.finish(`  ${sentence}`);
  return { yaml: taskYaml, guesses, said: notes };
}

/** Has ingestion look at data. Throws {@link ExitError} with its own words where it finds no task there. */
export async function inferredTask(
  clients: Clients,
  { data = '', label = '', name = '' }: DataOptions & { readonly name?: string | undefined },
  progress: Progress,
): Promise<ingestion.InferTaskResponse> {
  const request = { dataUri: dataUri(data), label, name };
  const pace = new Pace();
  for await (const message of watch(() => clients.ingestion.lookAtData(request))) {
    if (message.task !== undefined) return message.task;
    if (message.progress === undefined) continue;
    const { step, done, total } = message.progress;
    progress.update(step, done, total, pace.say(message.progress, performance.now()));
  }
  throw new ExitError(1, 'ingestion ended without a task; see its log');
}

/** Reads a task file and checks it, so that a mistake in it shows before anything is started. */
export function readTask(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ExitError(2, `cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    parseTask(text, basename(file));
  } catch (error) {
    throw new ExitError(1, (error as Error).message, { cause: error });
  }
  return text;
}
