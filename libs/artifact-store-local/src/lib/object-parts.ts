import { randomUUID } from 'node:crypto';
import { open } from 'node:fs';
import { mkdir, readdir, rm, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const openDescriptor = promisify(open);

/** What is written of an object that has no name yet. No other writer has its path, now or later. */
export interface ObjectPart {
  readonly file: number;
  readonly path: string;
}

/** How the names of files begin that hold a part. */
const partPrefix = '.adstocrat-part-';
/** How the names of folders begin that hold the parts of one object, beside it. */
const placePrefix = '.adstocrat-parts-';

/** Whether a file or folder of that name is no object's, but holds what is written of one. */
export function holdsParts(name: string): boolean {
  return name.startsWith(partPrefix) || name.startsWith(placePrefix);
}

/**
 * Opens a part of the object at a path, in the place that has the object's name. Where that name would be too long, the part lies beside
 * the object, and nothing tells whose it is. Makes folders that are missing.
 */
export async function openPart(object: string): Promise<ObjectPart> {
  const place = placeOf(object);
  try {
    return await openIn(place);
  } catch (error) {
    ignore(error, ['ENAMETOOLONG']);
  }
  await removeEmpty(place);
  return openIn(dirname(object));
}

/** Removes a part, and its place if that is empty now. One that was removed meanwhile is as good. */
export async function endPart(object: string, { path }: ObjectPart): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    ignore(error, ['ENOENT']);
  });
  if (dirname(path) !== dirname(object)) await removeEmpty(placeOf(object));
}

/** Removes all parts of an object that its place holds. Who begins to write it meanwhile is let be. */
export async function removeParts(object: string): Promise<void> {
  const place = placeOf(object);
  const names = await readdir(place);
  for (const name of names) await rm(join(place, name), { recursive: true, force: true });
  await removeEmpty(place);
}

const placeOf = (object: string): string => join(dirname(object), `${placePrefix}${basename(object)}`);

/** A writer that ends removes an empty place, perhaps before a new one has its file there: such a one tries again. */
const attempts = 100;

async function openIn(folder: string): Promise<ObjectPart> {
  for (let attempt = 1; ; attempt += 1) {
    const path = join(folder, `${partPrefix}${randomUUID()}`);
    try {
      await mkdir(folder, { recursive: true });
      return { file: await openDescriptor(path, 'wx'), path };
    } catch (error) {
      if (attempt === attempts) throw error;
      ignore(error, ['ENOENT']);
    }
  }
}

async function removeEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    ignore(error, ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENAMETOOLONG']);
  });
}

function ignore(error: unknown, codes: readonly string[]): void {
  if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
