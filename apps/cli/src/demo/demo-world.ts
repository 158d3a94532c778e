import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateWorld, type WorldOptions, type WorldSummary } from '@adstocrat/adworld';
import type { Progress } from '../progress.ts';
import type { Home } from '../system/home.ts';

/** The demo's world: long enough live days for hours of traffic at 600 times the speed of life. */
export const demoWorld: WorldOptions = { seed: 7, liveDays: 60 };
const rows = 200_000;

/** The world in the home; made when it is not there. */
export async function worldIn(home: Home, progress: Progress): Promise<WorldSummary> {
  const out = home.path('world');
  const summaryFile = home.path('world.json');
  if (existsSync(out) && existsSync(summaryFile)) return JSON.parse(readFileSync(summaryFile, 'utf8')) as WorldSummary;
  const summary = await generateWorld({
    ...demoWorld,
    rows,
    out,
    truth: home.path('world.truth'),
    onProgress: ({ phase, done, total }) => {
      progress.update(phase === 'images' ? 'draw images' : 'make rows', done, total);
    },
  });
  writeFileSync(summaryFile, JSON.stringify(summary));
  return summary;
}
