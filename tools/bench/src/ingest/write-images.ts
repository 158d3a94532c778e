import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Rows that name an image each, JPEG of so many pixels a side: `rows.csv`, and a tenth of them in `tenth.csv`. */
export async function writeImages(data: string, count: number, side: number): Promise<void> {
  mkdirSync(join(data, 'img'), { recursive: true });
  const [header, rows]: [string, string[]] = ['pic,site,clicked', []];
  for (let index = 0; index < count; index += 1) {
    // Waves compress as photographs do: neither a plain ground nor noise.
    const pixels = Buffer.alloc(3 * side * side);
    for (let at = 0; at < pixels.length; at += 1) {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      pixels[at] = 128 + 90 * Math.sin((x * (3 + (index % 7)) + at) / side) * Math.cos((y * 11 + index) / side);
    }
    const encoded = sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).jpeg({ quality: 85 });
    await encoded.toFile(join(data, 'img', `${index}.jpg`));
    rows.push(`${index}.jpg,${index % 9},${index % 3 === 0 ? 1 : 0}`);
  }
  writeFileSync(join(data, 'rows.csv'), [header, ...rows, ''].join('\n'));
  writeFileSync(join(data, 'tenth.csv'), [header, ...rows.slice(0, Math.ceil(count / 10)), ''].join('\n'));
}
