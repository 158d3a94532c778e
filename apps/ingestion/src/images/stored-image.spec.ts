import { describe, expect, it } from 'vitest';
import { type StoredImage, unnamed } from './stored-image.ts';

async function* given<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}
const image = (sha256: string): StoredImage => ({ sha256, bytes: 1, pack: 'p' });

describe('unnamed', () => {
  it.each<[string, string, string, string]>([
    ['all where none is named', 'abc', '', 'abc'],
    ['none where all are', 'abc', 'abc', ''],
    ['those between the named ones', 'abcdef', 'bde', 'acf'],
    ['those that are named and not there', 'bd', 'acde', 'b'],
    ['nothing of nothing', '', 'ab', ''],
  ])('gives %s', async (_, images, named, left) => {
    const found = await Array.fromAsync(unnamed(given([...images].map(image)), given([...named])));
    expect(found.map(({ sha256 }) => sha256).join('')).toBe(left);
  });
});
