// A step of the set-up: what it makes, how to see that it is made, how to make it.
// Plain JavaScript for Node 20: it runs before anything is installed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where set-up keeps what it downloads and builds. Ignored by git. */
export const cacheDir = join(root, '.cache');

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => string} key  changes whenever the step must run again
 * @property {() => boolean} made  the product is there
 * @property {(say: (line: string) => void) => Promise<void>} make
 */

/** A set-up that cannot go on: the message says what is missing and what to do. */
export class SetupError extends Error {}

/** sha256 of files' contents and plain strings, hex. @param {string[]} files @param {string[]} words */
export function keyOf(files, words = []) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : 'absent').update('\0');
  for (const word of words) hash.update(word).update('\0');
  return hash.digest('hex');
}

const stampOf = (/** @type {Step} */ step) => join(cacheDir, 'setup', `${step.name.replaceAll(' ', '-')}.stamp`);

/** @param {Step} step */
export function isDone(step) {
  const stamp = stampOf(step);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === step.key() && step.made();
}

/** @param {Step} step */
export function markDone(step) {
  const stamp = stampOf(step);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, step.key());
}
