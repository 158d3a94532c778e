import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExitError } from '../exit-error.ts';

/** Throws {@link ExitError} where a file of that name cannot be made, before there is anything to write. */
export function assertWritable(file: string): void {
  const folder = dirname(resolve(file));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ExitError(2, `cannot write ${file}: ${folder} is no folder. Make it, or name another with --out.`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new ExitError(2, `cannot write ${file}: it is a folder. Name a file with --out.`);
}

/** Writes the whole file or none. Rejects with what the texts throw, or with the disk's error. */
export async function writeWhole(file: string, texts: AsyncIterable<string>): Promise<void> {
  const partial = join(dirname(resolve(file)), `.${basename(file)}.part`);
  try {
    await pipeline(Readable.from(texts), createWriteStream(partial));
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}
