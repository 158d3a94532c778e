import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ingestion } from '@adstocrat/schemas';
import { parseTask } from '@adstocrat/tasks';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';
import { dataUri } from './data-place.ts';

export interface DataOptions {
  readonly data?: string;
  readonly label?: string;
  readonly task?: string;
}

/** The task a command is about, as YAML: read from --task, or inferred from --data and --label: what was guessed is said to `note`. */
export async function taskYaml(
  clients: Clients,
  options: DataOptions,
  note: (sentence: string) => void,
): Promise<string> {
  if (options.task !== undefined) return readTask(options.task);
  if (options.label === undefined || options.data === undefined) {
    throw new ExitError(2, 'say what to predict: --task FILE, or --data URI with --label NAME');
  }
  const request = { dataUri: dataUri(options.data), label: options.label, name: '' };
  const inferred = await callWhenUp<ingestion.InferTaskResponse>((done) => clients.ingestion.inferTask(request, done));
  for (const sentence of inferred.notes) note(sentence);
  return inferred.taskYaml;
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
