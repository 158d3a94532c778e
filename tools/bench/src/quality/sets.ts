import type { WorldOptions } from '@adstocrat/adworld';
import type { DataSet } from './data-set.ts';
import { writeAdWorld } from './write-ad-world.ts';
import { writeWorld } from './write-world.ts';
import { plainWorlds } from './worlds/worlds.ts';

/** Writes a set of about `rows` rows into a folder, the same for the same seed. */
export type WriteSet = (rows: number, seed: number, folder: string) => Promise<DataSet> | DataSet;

const adWorlds: Readonly<Record<string, WorldOptions>> = {
  'ads, some creatives': {},
  'ads, few creatives': { creatives: 150 },
  'ads, many creatives': { creatives: 3000 },
  'ads, rare clicks': { clickRate: 0.02, users: 60_000 },
};

/** Every set of the bench, by name. */
export const sets: ReadonlyMap<string, WriteSet> = new Map([
  ...Object.entries(plainWorlds).map(([name, { share, make, isObserved }]): readonly [string, WriteSet] => [
    name,
    (rows, seed, folder) => ({
      ...writeWorld(make(seed), Math.max(5000, Math.round(rows * share)), seed, folder),
      ...(isObserved && { isObserved }),
    }),
  ]),
  ...Object.entries(adWorlds).map(([name, options]): readonly [string, WriteSet] => [
    name,
    // The demo's world has seed 7, and is none of these.
    (rows, seed, folder) => writeAdWorld({ ...options, seed: seed + 100 }, rows, folder),
  ]),
]);
