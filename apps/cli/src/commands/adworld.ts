import { once } from 'node:events';
import { generateWorld, streamWorld, type WorldOptions } from '@adstocrat/adworld';
import { ExitError } from '../exit-error.ts';
import { createProgress } from '../progress.ts';

export interface AdworldOptions {
  readonly out?: string;
  readonly truth?: string;
  readonly seed: number;
  readonly rows: number;
  readonly months: number;
  readonly creatives: number;
  readonly users: number;
  readonly liveDays: number;
  readonly clickRate: number;
  readonly imageSize: number;
  readonly live?: boolean;
  readonly speed: number;
  readonly driftAfter?: number;
  readonly json?: boolean;
}

/** Makes a world of ads, or streams the days after it. */
export async function adworld(options: AdworldOptions): Promise<void> {
  const { seed, months, creatives, users, liveDays, clickRate, imageSize } = options;
  const world: WorldOptions = { seed, months, creatives, users, liveDays, clickRate, imageSize };
  try {
    if (options.live === true) await stream(world, options);
    else await generate(world, options);
  } catch (error) {
    if (error instanceof RangeError) throw new ExitError(2, error.message, { cause: error });
    if (error instanceof Error && !(error instanceof ExitError))
      throw new ExitError(1, error.message, { cause: error });
    throw error;
  }
}

async function generate(world: WorldOptions, { out, truth, rows, json }: AdworldOptions): Promise<void> {
  if (out === undefined)
    throw new ExitError(2, 'say where to write the world: --out DIR, or --live to stream the days after it');
  const progress = createProgress();
  const summary = await generateWorld({
    ...world,
    out,
    rows,
    ...(truth === undefined ? {} : { truth }),
    onProgress: ({ phase, done, total }) => {
      progress.update(phase, done, total);
    },
  });
  const { image, noPixels } = summary.ceilings.all;
  progress.finish(
    `${summary.out}: ${summary.rows.toLocaleString('en')} impressions, ${summary.clicks.toLocaleString('en')} clicks, ${summary.creatives} ads; the best AUC one can reach is ${image.onLabels.auc.toFixed(4)}, without the pictures ${noPixels.onLabels.auc.toFixed(4)}. What no model may see lies in ${summary.truth}`,
  );
  if (json === true) console.log(JSON.stringify(summary));
}

/** Impressions as JSON lines on stdout, at their pace, each with the delay of its click. */
async function stream(world: WorldOptions, { speed, driftAfter }: AdworldOptions): Promise<void> {
  const stop = new AbortController();
  // Whoever read it has had enough, as `head` does.
  process.stdout.on('error', () => {
    stop.abort();
  });
  process.once('SIGINT', () => {
    stop.abort();
  });
  const endMs = Date.UTC(2026, world.months ?? 3, 1);
  const drift = driftAfter === undefined ? {} : { drift: { atMs: endMs + driftAfter * 1000 * speed } };
  for await (const { impressions } of streamWorld({ ...world, ...drift, speed, signal: stop.signal })) {
    const lines = impressions.map(({ id, timeMs, columns, adColumns, clickDelayMs }) =>
      JSON.stringify({ id, timeMs, clickDelayMs, ...columns, ...adColumns }),
    );
    if (lines.length > 0 && !process.stdout.write(`${lines.join('\n')}\n`))
      await once(process.stdout, 'drain', { signal: stop.signal }).catch(() => undefined);
  }
}
