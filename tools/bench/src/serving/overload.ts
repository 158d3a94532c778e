import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport } from '../bench-report.ts';
import { GrpcConnection } from '../load/grpc-connection.ts';
import { openLoop, type OpenLoadResult } from '../load/open-loop.ts';
import { peakPerS } from '../load/peak.ts';
import { ServedModel, type ServingProcess } from '../served-model.ts';
import { pixels } from './pixels.ts';
import { concurrency } from './measured-load.ts';
import { type Requests, rowRequests } from './requests.ts';
import { writeNetwork } from './write-network.ts';

const click = { numbers: 4, texts: 16, terms: 1000 };
/** TARGET_P99_MS of the server. */
const targetMs = 50;
/** What a caller waits for: an answer that comes later is none to it. */
const withinMs = 250;
/** Connections that the open load comes over, as from so many callers. */
const callers = 16;
const calmS = 5;

/**
 * Twice the load that a server bears, for a minute: how much of its peak it still answers in time, and what it takes afterwards. The
 * click model from raw features over ModelInfer, one row a request and 32. `--seconds`: of overload.
 * `--pixels`: what one caller's images cost another instead.
 */
export async function overload(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '60' }, pixels: { type: 'boolean' } },
  });
  if (values.pixels === true) return pixels();
  const seconds = Number(values.seconds);
  const streams = [{ stream: 'cross-network' as const, crossLayers: 2, hidden: [64, 32], dropout: 0 }];
  const model = await ServedModel.open((folder) => writeNetwork(folder, { model: 'ads', ...click, streams }));
  try {
    const figures: Record<string, number> = {};
    const bars: Bar[] = [];
    for (const rows of [1, 32]) {
      const server = await model.serve(`rows-${rows}`, { TARGET_P99_MS: String(targetMs), CALLER_MAX_CALLS: '100000' });
      const one = await overloaded(server, rowRequests(click, rows), seconds);
      await server.stop();
      for (const [name, value] of Object.entries(one)) figures[`rows${rows}.${name}`] = value;
      bars.push(
        atMost(`${rows} rows: what is lost of the peak`, 1 - one.goodPerS / one.peakPerS, 0.1),
        atMost(`${rows} rows: p99 5 s after, to that before`, one.afterP99Ms / one.beforeP99Ms, 1.5),
        atMost(`${rows} rows: failed before and after`, one.failed, 0),
      );
    }
    return { bench: 'overload', figures, peers: {}, bars };
  } finally {
    await model.close();
  }
}

interface Overloaded {
  /** Requests a second of 16 callers that each wait for the answer before they ask again. */
  readonly peakPerS: number;
  readonly beforeP99Ms: number;
  readonly goodPerS: number;
  readonly latePerS: number;
  readonly overloadP99Ms: number;
  readonly afterP99Ms: number;
  readonly failed: number;
}

async function overloaded(server: ServingProcess, requests: Requests, seconds: number): Promise<Overloaded> {
  const { path, bodies } = requests;
  const closed = await GrpcConnection.open(server.address, path, concurrency);
  const open = await Promise.all(Array.from({ length: callers }, () => GrpcConnection.open(server.address, path, 1)));
  const slice = (perS: number, s: number): Promise<OpenLoadResult> =>
    openLoop(open, bodies, { perS, withinMs }, sleep(s * 1000));
  try {
    const peak = await peakPerS(closed, bodies);
    console.error(`peak ${peak.toFixed(0)} requests/s`);
    const calm = 0.3 * peak;
    const before = await slice(calm, calmS);
    const during = await slice(2 * peak, seconds);
    console.error(`overload: ${JSON.stringify(during)}`);
    // Five seconds to come to itself.
    await slice(calm, calmS);
    const after = await slice(calm, calmS);
    return {
      peakPerS: peak,
      beforeP99Ms: before.p99Ms,
      goodPerS: during.good / during.wallS,
      latePerS: during.late / during.wallS,
      overloadP99Ms: during.p99Ms,
      afterP99Ms: after.p99Ms,
      failed: before.refused + after.refused,
    };
  } finally {
    for (const connection of [closed, ...open]) connection.close();
  }
}
