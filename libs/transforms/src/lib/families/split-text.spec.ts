import { describe, expect, it } from 'vitest';
import { characterRuns, wordRuns } from './split-text.ts';

describe('wordRuns', () => {
  it('are those of each length in turn, each once', () => {
    expect(wordRuns(['a', 'b', 'a'], 1, 2, 8)).toEqual(['a', 'b', 'a b', 'b a']);
    expect(wordRuns(['a', 'b', 'a'], 2, 3, 8)).toEqual(['a b', 'b a', 'a b a']);
    expect(wordRuns(['a', 'b', 'c'], 1, 2, 4)).toEqual(['a', 'b', 'c', 'a b']);
    expect(wordRuns(['a'], 2, 3, 8)).toEqual([]);
  });

  it('are not looked for through all of a text that repeats itself', () => {
    expect(wordRuns([...Array.from({ length: 16_384 }, () => 'a'), 'b'], 1, 2, 8)).toEqual(['a', 'a a']);
  });
});

describe('characterRuns', () => {
  it('are of code points', () => {
    expect(characterRuns('a😀b', 1, 2, 8)).toEqual(['a', '😀', 'b', 'a😀', '😀b']);
    expect(characterRuns('abc', 2, 3, 2)).toEqual(['ab', 'bc']);
  });

  it('are not looked for through all of a text that repeats itself', () => {
    expect(characterRuns(`${'😀'.repeat(16_384)}b`, 1, 2, 8)).toEqual(['😀', '😀😀']);
  });
});
