import { describe, expect, it } from 'vitest';
import { errorText } from './error-text.ts';

describe('errorText', () => {
  it('leaves a text of 800 units as it is, and ends a longer one with an ellipsis', () => {
    const fits = 'x'.repeat(800);
    expect(errorText(fits)).toBe(fits);
    expect(errorText(`${fits}y`)).toBe(`${'x'.repeat(799)}…`);
  });

  it('is well-formed, also where it is cut through a character or was given half of one', () => {
    expect(errorText(`${'x'.repeat(798)}🎈 and on`)).toBe(`${'x'.repeat(798)}\ufffd…`);
    expect(errorText('a\ud800b')).toBe('a\ufffdb');
  });
});
