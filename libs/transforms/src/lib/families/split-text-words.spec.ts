import { describe, expect, it } from 'vitest';
import { characterRuns, eachOnce, splitParts, wordRuns, wordsOf } from './split-text.ts';

describe('wordsOf', () => {
  it('takes letters, digits and all that is not ASCII for parts of words, and no other character', () => {
    // Every unit that ASCII has and the first ones beyond it.
    const units = Array.from({ length: 0x85 }, (_, unit) => String.fromCharCode(unit));
    for (const unit of units) {
      const isPart = /[A-Za-z0-9]/.test(unit) || unit > '\u007f';
      const lower = unit.replace(/[A-Z]/, (letter) => letter.toLowerCase());
      expect(wordsOf(`x${unit}y`), JSON.stringify(unit)).toEqual(isPart ? [`x${lower}y`] : ['x', 'y']);
      expect(wordsOf(unit)).toEqual(isPart ? [lower] : []);
      expect(wordsOf(`${unit} ab`)).toEqual(isPart ? [lower, 'ab'] : ['ab']);
    }
    expect(wordsOf('Ab cD, ÄÖ e')).toEqual(['ab', 'cd', 'ÄÖ', 'e']);
    expect(wordsOf('')).toEqual([]);
  });
});

describe('each once', () => {
  it.each([2, 16, 17, 18, 40])('of %d texts', (count) => {
    const texts = Array.from({ length: count }, (_, at) => `t${(at * 7) % Math.ceil(count / 2)}`);
    const first = texts.slice(0, Math.ceil(count / 2));
    expect(eachOnce(texts)).toEqual([...new Set(first)]);
    expect(splitParts(texts.join(' | '), '|')).toEqual([...new Set(first)]);
  });
});

describe('runs', () => {
  const words = Array.from({ length: 300 }, (_, at) => `w${at % 150}`);
  const runs = (from: number, to: number): readonly string[] => [
    ...new Set(
      Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((length) =>
        Array.from({ length: words.length - length + 1 }, (_, at) => words.slice(at, at + length).join(' ')),
      ),
    ),
  ];

  it.each([1, 63, 64, 65, 150, 151, 400])('are the first %d', (most) => {
    expect(wordRuns(words, 1, 3, most)).toEqual(runs(1, 3).slice(0, most));
  });

  it('are of the first 16,384 words or characters', () => {
    const distinct = Array.from({ length: 16_386 }, (_, at) => `${at}`);
    expect(wordRuns(distinct, 1, 1, 20_000)).toEqual(distinct.slice(0, 16_384));
    // Code points that are one unit each: from U+0100 on, no two alike.
    const text = String.fromCodePoint(...Array.from({ length: 16_386 }, (_, at) => 0x100 + at));
    expect(characterRuns(text, 1, 1, 20_000)).toEqual([...text].slice(0, 16_384));
  });
});
