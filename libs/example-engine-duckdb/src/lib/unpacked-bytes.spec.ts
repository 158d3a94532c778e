import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { BadData } from '@adstocrat/example-engine';
import { unpackedBytes } from './unpacked-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-unpacked-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const limits = { freeBytes: 1 << 20, ratio: 300 };

async function unpacked(name: string, packed: Uint8Array): Promise<number> {
  const path = join(folder, name);
  writeFileSync(path, packed);
  let bytes = 0;
  for await (const chunk of unpackedBytes({ path, name }, { limits })) bytes += chunk.length;
  return bytes;
}

describe('unpackedBytes', () => {
  it.each([
    ['a gzip', gzipSync],
    ['a zstd', zstdCompressSync],
  ] as const)('stops at %s that becomes a thousand times its size', async (name, pack) => {
    const bomb = unpacked(name, pack(Buffer.alloc(8 << 20)));
    await expect(bomb).rejects.toThrow(BadData);
    await expect(bomb).rejects.toThrow(`${name} unpacks to more than 300 times its size`);
  });

  it('unpacks what is small, however well it is packed, and what is packed as text is', async () => {
    expect(await unpacked('small', gzipSync(Buffer.alloc(1 << 20)))).toBe(1 << 20);
    const text = Array.from({ length: 300_000 }, (_, row) => `site-${row % 7},${row}\n`).join('');
    expect(await unpacked('text', gzipSync(text))).toBe(text.length);
  });
});
