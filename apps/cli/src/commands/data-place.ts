import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExitError } from '../exit-error.ts';

/** `gs://…` and `file://…` as they are; a path becomes file://. */
export function dataUri(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : pathToFileURL(resolve(text)).href;
}

/** Throws {@link ExitError} for a place that cannot hold data, before anything is started. What is in a bucket is looked at later. */
export function assertData(text: string): void {
  const uri = dataUri(text);
  if (uri.startsWith('gs://')) {
    if (!/^gs:\/\/[a-z0-9]/.test(uri))
      throw new ExitError(2, `--data ${text}: a bucket is named by gs://bucket/prefix`);
    return;
  }
  if (!uri.startsWith('file://'))
    throw new ExitError(2, `--data ${text}: data lies in a folder, in a file, or under gs://bucket/prefix`);
  const facts = statSync(pathOf(uri, text), { throwIfNoEntry: false });
  if (facts === undefined) throw new ExitError(2, `--data ${text}: no such folder or file`);
  if (!facts.isDirectory() && !facts.isFile()) throw new ExitError(2, `--data ${text}: neither a folder nor a file`);
}

function pathOf(uri: string, text: string): string {
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw new ExitError(2, `--data ${text}: ${(error as Error).message}`, { cause: error });
  }
}
