import { describe, expect, it } from 'vitest';
import { qualityOptions } from './quality-options.ts';

const names = ['ads, few creatives', 'additive'];

describe('qualityOptions', () => {
  it('asks for every set and three seeds, unless it is told otherwise', () => {
    const { seeds, isWanted } = qualityOptions([], names);
    expect(seeds).toEqual([1, 2, 3]);
    expect(names.filter(isWanted)).toEqual(names);
  });

  it('takes parts of names', () => {
    const { seeds, rows, isWanted } = qualityOptions(['--sets', 'few', '--seeds', '7,9', '--rows', '5000'], names);
    expect([seeds, rows]).toEqual([[7, 9], 5000]);
    expect(names.filter(isWanted)).toEqual(['ads, few creatives']);
  });

  it.each([
    [['--sets', 'dense'], '"dense"'],
    [['--seeds', '1,,2'], '1,,2'],
    [['--rows', 'many'], 'many'],
  ])('refuses %j by name', (args, said) => {
    expect(() => qualityOptions(args, names)).toThrow(said);
  });
});
