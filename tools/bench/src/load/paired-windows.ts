import { median } from '../bench-report.ts';
import type { LoadProcess } from './load-process.ts';

/** What was measured without a load, and right after that beside it. */
export type WindowPair<T> = readonly [calm: T, beside: T];

/** Pairs of windows; those that come first, `warmPairs`, let the server and the load become warm, and are not counted. */
export async function pairedWindows<T>(
  load: LoadProcess,
  { warmPairs, pairs }: { readonly warmPairs: number; readonly pairs: number },
  asked: () => Promise<T>,
): Promise<readonly WindowPair<T>[]> {
  const windows: WindowPair<T>[] = [];
  for (let pair = 1 - warmPairs; pair <= pairs; pair += 1) {
    const calm = await asked();
    const beside = await load.during(asked);
    console.error(`pair ${pair} of ${pairs}: ${JSON.stringify({ calm, beside })}`);
    if (pair > 0) windows.push([calm, beside]);
  }
  return windows;
}

/** Medians of a figure without and beside the load, and of what it is beside it to what it is without, pair by pair. */
export function mediansOf<K extends string>(
  windows: readonly WindowPair<Readonly<Record<K, number>>>[],
  name: K,
): { readonly calm: number; readonly beside: number; readonly ratio: number } {
  return {
    calm: median(windows.map(([calm]) => calm[name])),
    beside: median(windows.map(([, beside]) => beside[name])),
    ratio: median(windows.map(([calm, beside]) => beside[name] / calm[name])),
  };
}
