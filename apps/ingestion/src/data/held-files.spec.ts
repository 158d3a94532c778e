import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HeldFiles } from './held-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-held-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const object = { uri: 'gs://b/a.csv', bytes: 3, generation: '1' };
const file = (name: string): string => join(folder, name);

describe('HeldFiles', () => {
  it('gives what it holds once, whatever became of the file', () => {
    const held = new HeldFiles(file('once'));
    writeFileSync(file('a'), 'abc');
    held.hold(object, file('a'));
    rmSync(file('a'));
    expect(held.take(object, file('b'))).toBe(true);
    expect(readFileSync(file('b'), 'utf8')).toBe('abc');
    expect(held.take(object, file('c'))).toBe(false);
    expect(existsSync(file('c'))).toBe(false);
  });

  it('gives no other generation, and nothing of another size', () => {
    const held = new HeldFiles(file('other'));
    expect(held.take(object, file('none'))).toBe(false);
    writeFileSync(file('d'), 'abc');
    held.hold(object, file('d'));
    expect(held.take({ ...object, generation: '2' }, file('e'))).toBe(false);
    expect(held.take({ ...object, bytes: 4 }, file('e'))).toBe(false);
  });

  it('holds no more than it may, and nothing for long', async () => {
    const held = new HeldFiles(file('limited'), { maxBytes: 4, keepMs: 50 });
    writeFileSync(file('f'), 'abc');
    held.hold(object, file('f'));
    const second = { ...object, uri: 'gs://b/b.csv' };
    held.hold(second, file('f'));
    expect(held.take(second, file('g'))).toBe(false);
    await expect
      .poll(() => {
        held.hold(second, file('f'));
        return held.take(second, file('g'));
      })
      .toBe(true);
    expect(held.take(object, file('h'))).toBe(false);
  });
});
