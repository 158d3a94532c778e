import { randomBytes } from 'node:crypto';

/** No datatype has longer integers: they are as well numbers that overflow. */
const maxDigits = 40;
/** An integer, or what looks like one in a string, that may be beyond 2^53. Decimals of doubles have as many digits behind their points. */
const longInteger = /(?<![.\d])\d{16,}(?![.\deE])/;
/** A string, kept as it is, or a word that only some writers use outside of strings. */
const words = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs;

/**
 * JSON as clients of inference servers write it: `NaN`, `Infinity` and `-Infinity` are numbers, as Python's json and RapidJSON have it,
 * and an integer beyond ±(2^53 − 1) is a bigint. Throws `SyntaxError` for what is no JSON, and `RangeError` for what is nested too deep.
 */
export function parseExactJson(text: string): unknown {
  const hasWords = /NaN|Infinity/.test(text);
  if (!hasWords && !longInteger.test(text)) return JSON.parse(text) as unknown;
  // No sender knows this word. JSON has a literal for infinity: one that overflows.
  const notANumber = randomBytes(12).toString('hex');
  const plain = hasWords ? text.replace(words, (word) => plainWord(word, notANumber)) : text;
  return JSON.parse(plain, (_key, value: unknown, context?: { readonly source?: string }) => {
    if (value === notANumber) return NaN;
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? '';
    return source.length <= maxDigits && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

function plainWord(word: string, notANumber: string): string {
  if (word.startsWith('"')) return word;
  if (word.endsWith('NaN')) return `"${notANumber}"`;
  return word === 'Infinity' ? '1e999' : '-1e999';
}
