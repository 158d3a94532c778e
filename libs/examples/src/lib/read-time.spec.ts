import { describe, expect, it } from 'vitest';
import { timeCells } from '../testing.ts';
import { readTime, timeFormats } from './read-time.ts';

describe('readTime', () => {
  it.each(timeCells)('reads, as %s, %j as %d', (format, cell, ms) => {
    expect(readTime(cell, format)).toBe(ms);
  });

  it.each(timeFormats)('throws at nothing in %s', (format) => {
    for (const cell of ['', 'x', '99/99/9999 99:99', '-', '0000-00-00', '9'.repeat(400)])
      expect(readTime(cell, format)).toBeNaN();
  });
});
