import { readFileSync } from 'node:fs';
import { FolderInUse, FolderLock, newPersonalKey, PersonalKeys, replaceFile } from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';
import { Home } from '../system/home.ts';

export interface KeysOptions {
  readonly home: string;
  /** Adds a key, which makes pseudonyms from the next start on. */
  readonly new?: boolean;
  readonly json?: boolean;
}

/** Says which keys of personal columns there are, by id, the one that makes new pseudonyms first. Never shows a secret. */
export function keys(options: KeysOptions): void {
  const { from, ids } = keyIds(options);
  if (options.json === true) {
    console.log(JSON.stringify({ from, keys: ids }));
    return;
  }
  console.log(`keys of personal columns, from ${from}:`);
  for (const [index, id] of ids.entries()) console.log(`  ${id}${index === 0 ? '  makes new pseudonyms' : ''}`);
  if (options.new === true) console.log('in force from the next start on; then run again: a new span, a new model');
}

/** The ids, where the keys come from, after one was added where asked. Throws {@link ExitError} where the environment names the keys. */
export function keyIds({ home: folder, new: add = false }: KeysOptions): {
  readonly from: string;
  readonly ids: readonly string[];
} {
  const set = ['PERSONAL_KEYS', 'PERSONAL_KEYS_FILE'].find((name) => process.env[name] !== undefined);
  if (add && set !== undefined)
    throw new ExitError(
      2,
      `the keys come from ${set}: put a new one first there, as \`openssl rand -hex 32\` makes it`,
    );
  const file = new Home(folder).personalKeysFile();
  if (add) addKey(file);
  return { from: set ?? file, ids: personalKeys(folder).all.map(({ id }) => id) };
}

/** The keys of the environment where it names them, else the home's. */
export function personalKeys(folder: string): PersonalKeys {
  const { PERSONAL_KEYS: keys, PERSONAL_KEYS_FILE: named } = process.env;
  if (keys !== undefined || named !== undefined) return PersonalKeys.from(process.env);
  return PersonalKeys.read(new Home(folder).personalKeysFile());
}

/** Two commands at once add two keys, or one says to try again. */
function addKey(file: string): void {
  let lock: FolderLock;
  try {
    lock = FolderLock.take(`${file}.lock`);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new ExitError(1, `another command adds a key to ${file} (${error.holder}): try again`, { cause: error });
  }
  try {
    replaceFile(file, `${newPersonalKey()}\n${readFileSync(file, 'utf8')}`);
  } finally {
    lock.release();
  }
}
