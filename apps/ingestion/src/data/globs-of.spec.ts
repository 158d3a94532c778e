import { describe, expect, it } from 'vitest';
import { globsOf } from './globs-of.ts';

describe('globsOf', () => {
  it.each([
    [['rows.csv'], [], ['*.csv', '*.csv.gz']],
    [['rows.csv'], ['ads.csv'], ['rows*.csv', 'rows*.csv.gz']],
    [['clicks-2026-01.csv'], ['ads.csv'], ['clicks-*.csv', 'clicks-*.csv.gz']],
    [['train-jan.csv', 'train-feb.csv'], ['ads.csv'], ['train-*.csv', 'train-*.csv.gz']],
    [['log/a.csv', 'log/b.csv.gz'], ['ads.csv'], ['log/*.csv', 'log/*.csv.gz']],
    [['log/month=01/a.csv', 'log/month=02/a.csv'], ['ads.csv'], ['log/**/*.csv', 'log/**/*.csv.gz']],
    [['rows.tsv'], ['ads.csv'], ['*.tsv', '*.tsv.gz']],
    [['A.CSV.GZ'], [], ['*.CSV.GZ']],
    // Nothing tells them apart but their names.
    [['a.csv', 'c.csv'], ['b.csv'], ['a.csv', 'c.csv']],
    [['x/a.csv', 'y/a.csv'], ['x/b.csv'], ['x/a.csv', 'y/a.csv']],
  ])('of %j beside %j are %j', (paths, others, globs) => {
    expect(globsOf(paths, others)).toEqual(globs);
  });
});
