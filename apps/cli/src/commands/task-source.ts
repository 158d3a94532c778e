import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ingestion } from '@adstocrat/schemas';
import { parseTask } from '@adstocrat/tasks';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';

export interface DataOptions {
  readonly data?: string;
  readonly label?: string;
  readonly task?: string;
}

/** `gs://…` and `file://…` as they are; a path becomes file://. */
export function dataUri(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//.test(text) ? text : pathToFileURL(resolve(text)).href;
}

/** The task a command is about, as YAML: read from --task, or inferred from --data and --label. */
export async function taskYaml(clients: Clients, options: DataOptions): Promise<string> {
  if (options.task !== undefined) return readTask(options.task);
  if (options.label === undefined || options.data === undefined) {
    throw new ExitError(2, 'say what to predict: --task FILE, or --data URI with --label NAME');
  }
  const request = { dataUri: dataUri(options.data), label: options.label, name: '' };
  const inferred = await callWhenUp<ingestion.InferTaskResponse>((done) => clients.ingestion.inferTask(request, done));
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
