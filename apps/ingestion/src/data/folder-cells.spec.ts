import { describe, expect, it } from 'vitest';
import { declaredCells, folderCells } from './folder-cells.ts';

describe('folderCells', () => {
  it.each<[path: string, cells: Record<string, string | null>]>([
    ['country=DE/day=2026-11-01/part-0.csv', { country: 'DE', day: '2026-11-01' }],
    ['log/month=2026-01/a=b.csv', { month: '2026-01' }],
    ['part-0.csv', {}],
    ['=x/part-0.csv', {}],
    ['site=/part-0.csv', { site: '' }],
    ['site=__HIVE_DEFAULT_PARTITION__/part-0.csv', { site: null }],
    // As Hive and Spark escape what a file system or they themselves cannot have in a name.
    ['at=2026-11-01%2010%3A00/k%3Dv=a%2Fb=c/part-0.csv', { at: '2026-11-01 10:00', 'k=v': 'a/b=c' }],
    ['rate=100%/part-0.csv', { rate: '100%' }],
  ])('reads %s', (path, cells) => {
    expect(Object.fromEntries(folderCells(path))).toEqual(cells);
  });
});

describe('declaredCells', () => {
  it('has the declared columns alone', () => {
    expect([...declaredCells('month=2026-01/country=DE/a.csv', 'a.csv', ['country'])]).toEqual([['country', 'DE']]);
  });

  it('names the file that lies elsewhere', () => {
    expect(() => declaredCells('country=DE/a.csv', 'gs://b/country=DE/a.csv', ['country', 'day'])).toThrow(
      'gs://b/country=DE/a.csv lies in no folder called day=…, as data.folders says',
    );
  });
});
