import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { Ceilings } from './ceilings.ts';
import { History } from './history.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world-options.ts';
import { writeAds } from './write-ads.ts';
import { writeRows } from './write-rows.ts';

/** How far generating has come. */
export interface WorldProgress {
  readonly phase: 'images' | 'rows';
  readonly done: number;
  readonly total: number;
}

export interface GenerateOptions extends WorldOptions {
  /** Folder to make; it must be absent or empty. */
  readonly out: string;
  /** Impressions over all months, from 1. Default 200,000. */
  readonly rows?: number;
  /** Folder for what no model may see, absent or empty. Default: `out` with `.truth` added. */
  readonly truth?: string;
  readonly onProgress?: (progress: WorldProgress) => void;
}

/** What was written. */
export interface WorldSummary {
  readonly out: string;
  readonly truth: string;
  readonly rows: number;
  readonly clicks: number;
  readonly creatives: number;
  /** Paths below `out` of the impressions' files, in order of time. */
  readonly shards: readonly string[];
  /** First instant after the history: where live traffic goes on. */
  readonly endMs: number;
  readonly ceilings: Ceilings;
}

/**
 * Writes a world. Both folders appear whole, under their names, or not at all. Throws when one of them holds
 * something already, and `RangeError` for an option out of range.
 */
export async function generateWorld(options: GenerateOptions): Promise<WorldSummary> {
  const out = resolve(options.out);
  const truth = resolve(options.truth ?? `${out}.truth`);
  const world = new World(options);
  const history = new History(world, options.rows ?? 200_000);
  const onProgress = options.onProgress ?? (() => {});
  if (`${truth}${sep}`.startsWith(`${out}${sep}`) || out.startsWith(`${truth}${sep}`)) {
    throw new RangeError(`the truth must lie apart from the data, where no model reads it: got ${truth} and ${out}`);
  }
  for (const folder of [out, truth]) await checkEmpty(folder);
  const draft = { out: `${out}.partial-${process.pid}`, truth: `${truth}.partial-${process.pid}` };
  try {
    await writeAds(world, draft.out, (done, total) => onProgress({ phase: 'images', done, total }));
    const written = await writeRows(world, history, draft, (done, total) => onProgress({ phase: 'rows', done, total }));
    for (const [from, to] of [
      [draft.truth, truth],
      [draft.out, out],
    ] as const) {
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
    }
    return { out, truth, creatives: world.creatives.length, endMs: world.settings.endMs, ...written };
  } catch (error) {
    for (const folder of [draft.out, draft.truth]) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function checkEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`looking into ${folder}`, { cause: error });
  });
  if (names.length > 0)
    throw new Error(`${folder} is not empty: name a folder that is absent or empty, or remove it first`);
}
