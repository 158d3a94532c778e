import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { firstLine } from './first-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-line-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const text = `site,clicked\r\n${'a,1\r\n'.repeat(9999)}`;

describe('firstLine', () => {
  it.each<[what: string, bytes: Buffer, line: string]>([
    ['a text', Buffer.from(text), 'site,clicked'],
    ['a gzip', gzipSync(text), 'site,clicked'],
    ['a gzip that was cut', gzipSync(text).subarray(0, 60), 'site,clicked'],
    ['nothing', Buffer.alloc(0), ''],
    ['a gzip of nothing', gzipSync(''), ''],
  ])('of %s', (what, bytes, line) => {
    writeFileSync(join(folder, what), bytes);
    expect(firstLine(join(folder, what))).toBe(line);
  });
});
