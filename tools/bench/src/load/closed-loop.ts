import type { LoadConnection } from './load-connection.ts';

/** What a slice of requests took. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly wallS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Asks as many requests at a time as the connections take, the bodies by turns, each next one as soon as one is answered. */
export async function closedLoop(
  connections: readonly LoadConnection[],
  bodies: readonly Uint8Array[],
  requests: number,
): Promise<LoadResult> {
  const times: number[] = [];
  let [asked, failed] = [0, 0];
  const begunMs = performance.now();
  await new Promise<void>((resolve) => {
    const ask = (connection: LoadConnection): void => {
      if (asked === requests) return;
      const body = bodies[asked % bodies.length] as Uint8Array;
      asked += 1;
      connection.send(body, ({ ok, ms }) => {
        times.push(ms);
        if (!ok) failed += 1;
        if (times.length === requests) resolve();
        else ask(connection);
      });
    };
    for (const connection of connections) for (let n = 0; n < connection.width; n += 1) ask(connection);
  });
  const wallS = (performance.now() - begunMs) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { requests, failed, wallS, p50Ms: at(0.5), p99Ms: at(0.99) };
}
