import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { bytesIn } from './entrance/setting-file.ts';
import { PersonalKey, secretBytes } from './personal-key.ts';

/** Where a service finds the keys of personal columns. Both unset: it has none. */
export const personalKeysEnvironment = {
  /** Keys as 64 hex digits each, blanks or commas between them. The first makes new pseudonyms. */
  PERSONAL_KEYS: z.string().min(1).optional(),
  /** A file with the same, a key a line; `#` begins a comment. No other account may read it. */
  PERSONAL_KEYS_FILE: z.string().min(1).optional(),
};

/** The keys of personal columns: the current one makes new pseudonyms, the others are still needed by what was made with them. */
export class PersonalKeys {
  readonly #keys: readonly PersonalKey[];

  constructor(keys: readonly PersonalKey[] = []) {
    this.#keys = keys;
  }

  /** Throws a `RangeError` that says which word is no key, without it. */
  static parse(text: string, from: string): PersonalKeys {
    const words = text
      .split('\n')
      .flatMap((line) => line.replace(/#.*/, '').split(/[\s,]+/))
      .filter((word) => word !== '');
    if (words.length === 0) throw new RangeError(`${from} holds no key`);
    for (const [index, word] of words.entries())
      if (!/^[0-9a-f]{64}$/i.test(word))
        throw new RangeError(`${from}: key ${index + 1} must be 64 hex digits, as \`openssl rand -hex 32\` makes them`);
    return new PersonalKeys(words.map((word) => new PersonalKey(Buffer.from(word, 'hex'))));
  }

  /** As the environment says. Throws WrongSetting for a file that other accounts can read, a `RangeError` for one that holds no keys. */
  static from(environment: {
    readonly PERSONAL_KEYS?: string | undefined;
    readonly PERSONAL_KEYS_FILE?: string | undefined;
  }): PersonalKeys {
    const { PERSONAL_KEYS: keys, PERSONAL_KEYS_FILE: file } = environment;
    if (keys !== undefined) return PersonalKeys.parse(keys, 'PERSONAL_KEYS');
    return file === undefined ? new PersonalKeys() : PersonalKeys.read(file);
  }

  static read(file: string): PersonalKeys {
    return PersonalKeys.parse(bytesIn('PERSONAL_KEYS_FILE', file, true).toString('utf8'), file);
  }

  get current(): PersonalKey | undefined {
    return this.#keys[0];
  }

  /** All of them, the current one first. */
  get all(): readonly PersonalKey[] {
    return this.#keys;
  }

  find(id: string): PersonalKey | undefined {
    return this.#keys.find((key) => key.id === id);
  }

  /** The ids for a message. */
  toString(): string {
    return this.#keys.length === 0 ? 'none' : this.#keys.map(({ id }) => id).join(', ');
  }
}

/** A new key as it stands in a file. */
export function newPersonalKey(): string {
  return randomBytes(secretBytes).toString('hex');
}
