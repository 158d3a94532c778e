import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceFile } from './replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'replace-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('replaceFile', () => {
  it('puts a file of its owner alone in the place of the one before, whatever a killed write left', () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'a longer text than the next', { mode: 0o644 });
    writeFileSync(`${file}.part`, 'half a');
    replaceFile(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('writes through no link', () => {
    const file = join(folder, 'linked');
    const other = join(folder, 'other');
    writeFileSync(other, 'theirs');
    for (const link of [file, `${file}.part`]) symlinkSync(other, link);
    replaceFile(file, 'mine');
    expect([readFileSync(file, 'utf8'), readFileSync(other, 'utf8')]).toEqual(['mine', 'theirs']);
  });
});
