import { describe, expect, it } from 'vitest';
import { plainName } from './plain-name.ts';

describe('plainName', () => {
  it.each(['ads', 'Anzeigen-Klicks, neu', '広告', '🦄'.repeat(64)])('takes %s', (name) => {
    expect(plainName('task', name)).toBe(name);
  });

  it.each(['', 'a\0b', 'line\nbreak', '\u0085', '\ud800', '🦄'.repeat(65)])('refuses %j', (name) => {
    expect(() => plainName('task', name)).toThrow(
      /^task must have 1 to 256 bytes and no control characters, got \d+ bytes$/,
    );
  });
});
