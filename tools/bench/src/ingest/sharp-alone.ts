import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

// A process of its own: FOLDER. sharp reads and decodes every file, two at once, and nothing else.
const [folder = ''] = process.argv.slice(2);
sharp.concurrency(1);
sharp.cache(false);
const names = readdirSync(folder);
const begin = { ms: performance.now(), cpu: process.cpuUsage() };
await Promise.all(
  [0, 1].map(async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop())
      await sharp(readFileSync(join(folder, name)))
        .raw()
        .toBuffer();
  }),
);
const { user, system } = process.cpuUsage(begin.cpu);
// Without the start: ingestion has begun before it is measured too.
console.log(JSON.stringify({ cpuS: (user + system) / 1e6, wallS: (performance.now() - begin.ms) / 1000 }));
