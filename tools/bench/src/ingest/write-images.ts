import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeImage } from './made-images.ts';

/** Rows that name an image each, JPEG of so many pixels a side: `rows.csv`. `from`: the number of the first image, each is another. */
export async function writeImages(
  data: string,
  { count, side, from }: { readonly count: number; readonly side: number; readonly from: number },
): Promise<void> {
  mkdirSync(join(data, 'img'), { recursive: true });
  const numbers = Array.from({ length: count }, (_, index) => from + index);
  const names = numbers.map((number) => `${number}.jpg`);
  for (const number of numbers) writeFileSync(join(data, 'img', `${number}.jpg`), await encodeImage(number, side));
  writeFileSync(join(data, 'rows.csv'), rowsOf(names));
}

/** A CSV file with a row for each name of an image. */
export function rowsOf(names: readonly string[]): string {
  const rows = names.map((name, index) => `${name},${index % 9},${index % 3 === 0 ? 1 : 0}`);
  return ['pic,site,clicked', ...rows, ''].join('\n');
}
