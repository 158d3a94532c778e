import { describe, expect, it } from 'vitest';
import { mutantsOf } from './mutants-of.ts';

/** The text with each change made alone. */
const made = (text: string): readonly string[] =>
  mutantsOf('x.ts', text).map(({ start, end, to }) => text.slice(0, start) + to + text.slice(end));

describe('mutantsOf', () => {
  it.each([
    ['f(3)', ['f(4)']],
    ['f(1_000n)', ['f(1001n)']],
    // One more would be the same number.
    ['f(1_152_921_504_606_846_976)', ['f(1152922604118474800)']],
    // 2^-20 of it.
    ['f(0.5)', ['f(0.5000004768371582)']],
    ['Math.fround(x)', ['(x)']],
    ['Math.floor(x)', ['Math.ceil(x)']],
    ['a < b', ['a <= b']],
    ['a + b', ['a - b']],
    ['a >>> b', ['a >> b']],
  ])('changes %s', (text, changes) => {
    expect(made(text)).toEqual(changes);
  });

  it.each([
    'let a: 3 = b;',
    'z.int().min(1).max(64);',
    'z.int().min(-64);',
    'z\n  .array(z.int())\n  .min(1)\n  .max(64);',
    "const text = 'a' + b;",
    'throw new RangeError(`${a + 1}`);',
    'import { a } from "./b3.ts";',
  ])('leaves %s', (text) => {
    expect(made(text)).toEqual([]);
  });

  it('says where, and what', () => {
    expect(mutantsOf('x.ts', 'a;\nf(3);\nb;')).toMatchObject([{ what: '2: 3 becomes 4', line: 'f(3);' }]);
  });
});
