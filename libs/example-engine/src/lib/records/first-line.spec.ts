import { describe, expect, it } from 'vitest';
import { firstLineOf } from './first-line.ts';

/** A first line, and rows below it. */
const text = (first: string, ...rows: readonly string[]): Uint8Array =>
  new TextEncoder().encode([first, ...rows, ''].join('\n'));

describe('firstLineOf', () => {
  it.each([
    ['numbers above numbers', text('0,14,7.5', '1,15,2', '0,14,3', '0,16,4')],
    // As public click logs are: a label, counts of which some are missing, hashes.
    ['a label, empty cells and hashes', text('0,1,,68fd1e64', '1,2,5,68fd1e64', '0,,6,f0cf0024', '0,2,7,8cf07265')],
    ['times', text('2026-01-01 10:00:00,a,1', '2026-01-01 10:05:00,b,0', '2026-01-02 10:05:00,a,0', '2026-01-03,c,1')],
    ['words that are values below', text('chrome,de', 'chrome,fr', 'safari,de', 'chrome,fr')],
    ['a missing word above numbers', text('NA,3,1', '2,4,0', '3,5,0', '4,1,1')],
    ['one column', text('7', '8', '9', '7')],
    ["numbers below Excel's line", text('sep=,', '0,14,7.5', '1,15,2', '0,14,3', '0,16,4')],
    ['numbers below blank lines', text(' ', ',,', '', '0,14,7.5', '1,15,2', '0,14,3', '0,16,4')],
  ])('takes %s for a row', (_, head) => {
    expect(firstLineOf(head, ',')).toBe('row');
  });

  it.each([
    ['names above numbers', text('click,hour', '1,15', '0,14', '0,16')],
    ['one name among numbers', text('click,15,7', '1,15,7', '0,14,3', '0,16,4')],
    ['years of a pivot, whose first column is words', text('site,2019,2020', '1,1,2', '2,1,2', '3,5,6')],
  ])('takes %s for names', (_, head) => {
    expect(firstLineOf(head, ',')).toBe('names');
  });

  it.each([
    ['names above words', text('browser,country', 'chrome,fr', 'safari,de', 'chrome,fr')],
    ['years of a pivot', text('site,2019,2020,2021', 'a,1,2,3', 'b,1,2,4', 'c,5,6,7')],
    ["pandas' numbers", text(',0,1,2', '0,1,2,3', '1,1,2,4', '2,5,6,7')],
    ['too few rows to tell', text('0,14', '1,15', '0,14')],
    ['one figure among many words', text('a,b,c,d,e,7', 'f,g,h,i,j,8', 'f,g,h,i,j,9', 'f,g,h,i,j,3')],
    [
      'names that are there once more',
      text('browser,country', 'chrome,fr', 'safari,de', 'browser,country', 'chrome,fr'),
    ],
    ['nothing', new Uint8Array(0)],
  ])('does not know of %s', (_, head) => {
    expect(firstLineOf(head, ',')).toBe('unknown');
  });
});
