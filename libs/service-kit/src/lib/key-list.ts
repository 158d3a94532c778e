import { randomBytes } from 'node:crypto';
import { bytesIn } from './entrance/setting-file.ts';

/** Bytes of a key's secret. */
export const secretBytes = 32;

/**
 * The secrets of a setting: those of the text, else those of the file, else none. 64 hex digits each, blanks, commas or lines between
 * them, `#` begins a comment. `variable` held the text, and with `_FILE` behind it named the file. Throws a `RangeError` that says which
 * word is no key, without it, and WrongSetting for a file that other accounts can read.
 */
export function secretsFrom(
  { text, file }: { readonly text?: string | undefined; readonly file?: string | undefined },
  variable: string,
): readonly Buffer[] {
  if (text !== undefined) return parseSecrets(text, variable);
  return file === undefined ? [] : readSecrets(file, variable);
}

export function parseSecrets(text: string, from: string): readonly Buffer[] {
  const words = text
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(/[\s,]+/))
    .filter((word) => word !== '');
  if (words.length === 0) throw new RangeError(`${from} holds no key`);
  for (const [index, word] of words.entries())
    if (!/^[0-9a-f]{64}$/i.test(word))
      throw new RangeError(`${from}: key ${index + 1} must be 64 hex digits, as \`openssl rand -hex 32\` makes them`);
  return words.map((word) => Buffer.from(word, 'hex'));
}

export function readSecrets(file: string, variable: string): readonly Buffer[] {
  return parseSecrets(bytesIn(`${variable}_FILE`, file, true).toString('utf8'), file);
}

/** A new key as it stands in a file. */
export function newSecret(): string {
  return randomBytes(secretBytes).toString('hex');
}
