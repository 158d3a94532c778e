import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { token } from './token.ts';

describe('token', () => {
  let folder: string;
  const said: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokens-'));
    vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    said.length = 0;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is shown once, and its hash and scopes go to a file of its owner’s alone', () => {
    const file = join(folder, 'tokens');
    token({ scope: 'predict', name: 'shop', file });
    token({ scope: 'read, administer', name: 'operators', file, json: true });
    const first = said[0] ?? '';
    const second = (JSON.parse(said[1] ?? '') as { readonly token: string }).token;
    // 256 bits in base64url.
    for (const one of [first, second]) expect(one).toMatch(/^adstocrat_[\w-]{43}$/);
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect(readFileSync(file, 'utf8')).toBe(
      `shop predict sha256:${hash(first)}\noperators read,administer sha256:${hash(second)}\n`,
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a scope that is none', { scope: 'predict,rule' }, /"rule" is none: there are predict, read, administer/],
    ['a name with a space', { name: 'my shop' }, /--name/],
    ['a name that is there', { name: 'taken' }, /line 1|taken a second time/],
    ['a folder for a file', { file: '/' }, /cannot be read/],
  ])('refuses %s, and changes nothing', (_, change, message) => {
    const file = join(folder, 'tokens');
    const before = `taken predict sha256:${'0'.repeat(64)}\n`;
    writeFileSync(file, before, { mode: 0o600 });
    expect(() => token({ scope: 'predict', name: 'shop', file, ...change })).toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(said).toEqual([]);
  });
});
