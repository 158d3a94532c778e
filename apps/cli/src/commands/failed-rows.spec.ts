import { describe, expect, it } from 'vitest';
import { failedSentence } from './failed-rows.ts';

const way = (reason: string, rows: number, line: number) => ({ reason, rows, line, file: 'rows.csv' });

describe('failedSentence', () => {
  it('says nothing where nothing failed', () => {
    expect(failedSentence(0, [])).toBe('');
  });

  it('says how many failed, why and where, the rest in one number', () => {
    expect(failedSentence(1, [way('too few fields', 1, 7)])).toBe('; 1 failed: too few fields (1, at rows.csv:7)');
    const differing = { ...way('too few fields: the header has 4', 2, 7), example: '3' };
    expect(failedSentence(2, [differing])).toBe(
      '; 2 failed: too few fields: the header has 4 (2, first 3 at rows.csv:7)',
    );
    const many = [way('a', 1000, 2), way('b', 30, 3), way('c', 20, 0), way('d', 5, 9)];
    expect(failedSentence(1060, many)).toBe(
      '; 1,060 failed: a (1,000, first at rows.csv:2), b (30, first at rows.csv:3), c (20, first at rows.csv), 10 for other reasons',
    );
  });
});
