import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Random } from '@adstocrat/adworld';

const [users, sites, ads] = [200_000, 400, 3000];
/** Rows of a file, some 1.4 MB. */
const fileRows = 25_000;

/** A drop of many files, and a table of ads: ids, times, text, numbers, cells that are missing, a row in a thousand with a label that is none. */
export async function writeDrop(folder: string, rows: number, random: Random): Promise<void> {
  mkdirSync(folder);
  const table = Array.from({ length: ads }, (_, ad) => `a${ad},brand-${ad % 97},${ad % 31}`);
  writeFileSync(join(folder, 'ads.csv'), `ad,brand,weight\n${table.join('\n')}\n`);
  for (let from = 0; from < rows; from += fileRows) {
    const out = createWriteStream(join(folder, `part-${String(from / fileRows).padStart(5, '0')}.csv`));
    const lines = ['row,at,user,site,ad,price,clicked'];
    for (let row = from; row < Math.min(rows, from + fileRows); row += 1) {
      const at = new Date(Date.UTC(2026, 0, 1) + row * 500).toISOString();
      const price = random.below(50) === 0 ? '' : random.below(100_000) / 100;
      const label = random.below(1000) === 0 ? '?' : random.below(20) === 0 ? 1 : 0;
      lines.push(
        `r${row},${at},u${random.below(users)},s${random.below(sites)},a${random.below(ads)},${price},${label}`,
      );
    }
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
    out.end();
    await finished(out);
  }
}
