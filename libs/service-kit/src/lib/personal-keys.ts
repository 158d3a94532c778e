import { z } from 'zod';
import { newSecret, parseSecrets, readSecrets, secretsFrom } from './key-list.ts';
import { PersonalKey } from './personal-key.ts';

const variable = 'PERSONAL_KEYS';

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
    return PersonalKeys.#of(parseSecrets(text, from));
  }

  /** As the environment says. Throws WrongSetting for a file that other accounts can read, a `RangeError` for one that holds no keys. */
  static from(environment: {
    readonly PERSONAL_KEYS?: string | undefined;
    readonly PERSONAL_KEYS_FILE?: string | undefined;
  }): PersonalKeys {
    const { PERSONAL_KEYS: text, PERSONAL_KEYS_FILE: file } = environment;
    return PersonalKeys.#of(secretsFrom({ text, file }, variable));
  }

  static read(file: string): PersonalKeys {
    return PersonalKeys.#of(readSecrets(file, variable));
  }

  static #of(secrets: readonly Buffer[]): PersonalKeys {
    return new PersonalKeys(secrets.map((secret) => new PersonalKey(secret)));
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
export const newPersonalKey = newSecret;
