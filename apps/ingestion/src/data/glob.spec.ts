import { describe, expect, it } from 'vitest';
import { globPattern, isHidden } from './glob.ts';

describe('globPattern', () => {
  it.each([
    [
      '*.csv',
      ['a.csv', '100%.csv', 'a b.csv', 'ü.csv', 'a+b.csv'],
      ['a.csv.gz', 'b/a.csv', '.a.csv', '._a.csv', 'acsv'],
    ],
    [
      '**/*.csv',
      ['a.csv', 'b/a.csv', 'b/c/a.csv'],
      ['.b/a.csv', 'b/.a.csv', 'b/.ipynb_checkpoints/a.csv', 'b/_temporary/0/a.csv'],
    ],
    ['**', ['a', 'b/a'], ['.a', 'b/.a', '.b/a']],
    ['month=*/part-?.csv', ['month=2026-01/part-1.csv'], ['month=2026-01/part-10.csv', 'month=/x/part-1.csv']],
    ['_temporary/*.csv', ['_temporary/a.csv'], ['x/_temporary/a.csv']],
    ['.secret/*.csv', ['.secret/a.csv'], ['secret/a.csv', '.secret/.a.csv']],
    ['a[1](x).csv', ['a[1](x).csv'], ['a1x.csv']],
  ])('%s', (glob, matching, others) => {
    const pattern = globPattern(glob);
    expect(matching.filter((path) => !pattern.test(path))).toEqual([]);
    expect(others.filter((path) => pattern.test(path))).toEqual([]);
  });
});

describe('isHidden', () => {
  it.each(['._a.csv', '_temporary/0/a.csv', 'b/.ipynb_checkpoints/a.csv', '__MACOSX/a.csv'])('%s', (path) => {
    expect(isHidden(path)).toBe(true);
  });
  it('is not said of dots elsewhere', () => {
    expect(isHidden('a.b/c..csv')).toBe(false);
  });
});
