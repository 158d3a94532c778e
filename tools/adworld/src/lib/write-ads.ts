import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { csvLine } from './csv-line.ts';
import { drawCreative } from './draw-creative.ts';
import { adColumns, adValues, imagePath } from './impression.ts';
import { taskFile } from './task-file.ts';
import type { World } from './world.ts';
import type { Creative } from './catalogue.ts';

/** An ad's picture as PNG: the same bytes wherever it is drawn. */
export function creativeImage(world: World, creative: Creative): Uint8Array {
  return drawCreative(creative.visual, world.settings.imageSize, world.settings.seed + creative.index);
}

/** Writes `task.yaml`, `ads.csv` (by id, so that no order tells anything) and `creatives/`. */
export async function writeAds(
  world: World,
  out: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  await mkdir(join(out, 'creatives'), { recursive: true });
  await writeFile(join(out, 'task.yaml'), taskFile);
  const byId = world.creatives.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await writeFile(join(out, 'ads.csv'), [adColumns, ...byId.map(adValues)].map(csvLine).join(''));
  for (const [done, creative] of byId.entries()) {
    await writeFile(join(out, 'creatives', imagePath(creative)), creativeImage(world, creative));
    if (done % 50 === 49 || done + 1 === byId.length) onProgress(done + 1, byId.length);
  }
}
