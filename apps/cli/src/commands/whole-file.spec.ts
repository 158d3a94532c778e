import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sentenceOf } from '../sentence-of.ts';
import { predict } from './predict.ts';
import { writeWhole } from './whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-whole-file-'));
const input = join(folder, 'rows.csv');
writeFileSync(input, 'price\n1\n');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function* lines(count: number, error?: Error): AsyncGenerator<string> {
  for (let line = 0; line < count; line += 1) yield `${line}\n`;
  if (error !== undefined) throw error;
}

describe('the file that a command writes', () => {
  it('is there when all of it is', async () => {
    const file = join(folder, 'out.csv');
    await writeWhole(file, lines(3));
    expect(readFileSync(file, 'utf8')).toBe('0\n1\n2\n');
  });

  it('is not there where what it is made of ends half-way', async () => {
    const file = join(folder, 'half.csv');
    await expect(writeWhole(file, lines(3, new Error('the service is away')))).rejects.toThrow('the service is away');
    expect(readdirSync(folder).filter((name) => name.includes('half'))).toEqual([]);
  });

  it('is not there where the disk is full, and a sentence says so', async () => {
    const file = join(folder, 'full.csv');
    symlinkSync('/dev/full', join(folder, '.full.csv.part'));
    const error: unknown = await writeWhole(file, lines(50_000)).catch((thrown: unknown) => thrown);
    expect(sentenceOf(error)).toMatch(/the disk is full/);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['in a folder that is not there', join(folder, 'nosuch', 'x.csv'), /nosuch is no folder/],
    ['in a file', join(input, 'x.csv'), /rows\.csv is no folder/],
    ['a folder', folder, /it is a folder/],
  ])('is refused %s before anything is started', async (_, out, says) => {
    const home = join(folder, 'home');
    const refusal = predict({ home, model: 'ads', in: input, out });
    await expect(refusal).rejects.toThrow(says);
    await expect(refusal).rejects.toMatchObject({ code: 2 });
    expect(existsSync(home)).toBe(false);
  });
});
