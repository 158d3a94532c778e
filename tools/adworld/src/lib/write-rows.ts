import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CeilingScores, type Ceilings, type Probabilities } from './ceilings.ts';
import { csvLine } from './csv-line.ts';
import type { History } from './history.ts';
import { impressionColumns, impressionValues, labelColumn, type Impression } from './impression.ts';
import { Shards } from './shards.ts';
import { testDays, validationDays } from './task-file.ts';
import { TextFile } from './text-file.ts';
import type { VisualFields } from './visual-fields.ts';
import { WithoutPixels } from './without-pixels.ts';
import type { World } from './world.ts';
import { dayMs } from './world-options.ts';

const visualColumns = ['hue', 'contrast', 'headline', 'clutter', 'button', 'shape', 'layout'] as const;
const truthColumns = ['impression_id', 'probability', 'image_probability', 'no_pixels_probability', ...visualColumns];

/** What the rows came to. */
export interface WrittenRows {
  readonly rows: number;
  readonly clicks: number;
  readonly shards: readonly string[];
  readonly ceilings: Ceilings;
}

/** Writes the impressions below `folders.out`, `truth.csv` and `ceilings.json` into `folders.truth`, an hour at a time. */
export async function writeRows(
  world: World,
  history: History,
  folders: { readonly out: string; readonly truth: string },
  onProgress: (done: number, total: number) => void,
): Promise<WrittenRows> {
  const { lastMs, rows } = history;
  const scores = new CeilingScores(lastMs - (testDays + validationDays) * dayMs, lastMs - testDays * dayMs);
  const withoutPixels = new WithoutPixels(world.response);
  const looks = world.creatives.map(({ visual }) => lookText(visual));
  const shards = new Shards(world.settings, rows, folders.out, csvLine([...impressionColumns, labelColumn]));
  const truthFile = await TextFile.create(join(folders.truth, 'truth.csv'));
  let clicks = 0;
  let done = 0;
  try {
    await truthFile.write(csvLine(truthColumns));
    for (let hour = 0; hour < history.hours; hour++) {
      let lines = '';
      let truths = '';
      for (const impression of history.hour(hour)) {
        const clicked = impression.clickDelayMs === null ? 0 : 1;
        const known = probabilities(world, withoutPixels, impression);
        scores.add(impression, known);
        lines += csvLine([...impressionValues(impression), clicked]);
        truths += `${impression.id},${known.full.toFixed(6)},${known.image.toFixed(6)},${known.noPixels.toFixed(6)},${looks[impression.creative.index]}\n`;
        clicks += clicked;
        done++;
      }
      await shards.write(hour, lines);
      await truthFile.write(truths);
      if (hour % 24 === 23) onProgress(done, rows);
    }
    await shards.close();
    await truthFile.close();
  } finally {
    shards.destroy();
    truthFile.destroy();
  }
  const ceilings = scores.result();
  await writeFile(join(folders.truth, 'ceilings.json'), `${JSON.stringify(ceilings, null, 2)}\n`);
  return { rows: done, clicks, shards: shards.paths, ceilings };
}

function probabilities(world: World, withoutPixels: WithoutPixels, impression: Impression): Probabilities {
  return {
    full: impression.probability,
    image: world.response.at(impression.imageLogit),
    noPixels: withoutPixels.probability(impression.plainLogit, impression.viewing),
  };
}

function lookText(visual: VisualFields): string {
  return visualColumns
    .map((name) => (typeof visual[name] === 'number' ? visual[name].toFixed(4) : visual[name]))
    .join(',');
}
