import { median } from '../bench-report.ts';
import { closedLoop } from './closed-loop.ts';
import type { LoadConnection } from './load-connection.ts';

const [rounds, requests] = [5, 2000];

/**
 * Requests a second that a server answers where each next one is asked as soon as one is answered: the median of some rounds. What it refuses
 * is no answer.
 */
export async function peakPerS(connection: LoadConnection, bodies: readonly Uint8Array[]): Promise<number> {
  // The first answers of a server compile it.
  await closedLoop([connection], bodies, requests);
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { failed, wallS } = await closedLoop([connection], bodies, requests);
    peaks.push((requests - failed) / wallS);
  }
  return median(peaks);
}
