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
  const home = new Home(options.home);
  const set = ['PERSONAL_KEYS', 'PERSONAL_KEYS_FILE'].find((name) => process.env[name] !== undefined);
  if (options.new === true && set !== undefined)
    throw new ExitError(
      2,
      `the keys come from ${set}: put a new one first there, as \`openssl rand -hex 32\` makes it`,
    );
  const file = home.personalKeysFile();
  if (options.new === true) addKey(file);
  const found = set === undefined ? PersonalKeys.read(file) : PersonalKeys.from(process.env);
  const ids = found.all.map(({ id }) => id);
  const from = set ?? file;
  if (options.json === true) console.log(JSON.stringify({ from, keys: ids }));
  else {
    console.log(`keys of personal columns, from ${from}:`);
    for (const [index, id] of ids.entries()) console.log(`  ${id}${index === 0 ? '  makes new pseudonyms' : ''}`);
    if (options.new === true) console.log('in force from the next start on; then run again: a new span, a new model');
  }
}

/** Two commands at once add two keys. */
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
