import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newToken, tokenLine } from '@adstocrat/service-kit';
import { atMost, type BenchReport } from './bench-report.ts';
import { openEcho } from './load/echo.ts';
import { GrpcConnection } from './load/grpc-connection.ts';
import type { LoadConnection } from './load/load-connection.ts';
import { LoadProcess } from './load/load-process.ts';
import { type OpenLoadResult, openLoop } from './load/open-loop.ts';
import { mediansOf, pairedWindows, type WindowPair } from './load/paired-windows.ts';
import { onePrice, predictPath } from './one-price.ts';
import { ServedModel } from './served-model.ts';

/** Pairs of windows; those that come first let the server and the load become warm, and are not counted. */
const [warmPairs, pairs] = [2, 10];
const windowMs = 5000;
const askedPerS = 50;
/** Of the flood, over gRPC; twice a second it also sends 16 images of 8000 × 8000. */
const floodedPerS = 500;

/**
 * What one caller's flood costs another: a caller asks 50 times a second, in windows without and with a flood from another process under
 * another token, each of which may call 100 times a second. A server that does nothing is asked as often: what becomes of its p99 is the
 * machine's. No peer has limits of callers.
 */
export async function callers(): Promise<BenchReport> {
  const model = await ServedModel.open();
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-callers-'));
  const echo = await openEcho();
  try {
    const [polite, flooding] = [newToken(), newToken()];
    const file = join(folder, 'tokens');
    const lines = [tokenLine('polite', ['predict'], polite), tokenLine('flooding', ['predict'], flooding)];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const { address, restAddress } = await model.serve('callers', {
      TOKENS_FILE: file,
      CALLER_MAX_CALLS: '200',
      CALLER_CALLS_PER_S: '100',
    });
    const flood = await LoadProcess.start(join(import.meta.dirname, 'flood-process.ts'), [
      address,
      restAddress,
      flooding,
      String(floodedPerS),
    ]);
    const server = await GrpcConnection.open(address, predictPath, 1, { authorization: `Bearer ${polite}` });
    const windows = await pairedWindows(flood, { warmPairs, pairs }, () => asked(server, echo.connection));
    server.close();
    await flood.stop();
    return reportOf(windows);
  } finally {
    echo.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Window {
  readonly p99Ms: number;
  /** Of the server that does nothing. */
  readonly echoP99Ms: number;
  readonly failed: number;
}

/** Calls at their times, whether those before are answered or not. A latency counts from the time that a call was due. */
async function asked(server: LoadConnection, echo: LoadConnection): Promise<Window> {
  const body = [onePrice(9.5)];
  const end = sleep(windowMs);
  const ask = (connection: LoadConnection): Promise<OpenLoadResult> =>
    openLoop([connection], body, { perS: askedPerS }, end);
  // Halfway between the calls of the other one.
  const askEcho = sleep(500 / askedPerS).then(() => ask(echo));
  const [ours, bare] = await Promise.all([ask(server), askEcho]);
  return { p99Ms: ours.p99Ms, echoP99Ms: bare.p99Ms, failed: ours.refused };
}

function reportOf(windows: readonly WindowPair<Window>[]): BenchReport {
  const [ours, bare] = [mediansOf(windows, 'p99Ms'), mediansOf(windows, 'echoP99Ms')];
  const failed = windows.flat().reduce((sum, one) => sum + one.failed, 0);
  return {
    bench: 'callers',
    figures: {
      calmP99Ms: ours.calm,
      floodedP99Ms: ours.beside,
      p99Ratio: ours.ratio,
      echoCalmP99Ms: bare.calm,
      echoFloodedP99Ms: bare.beside,
      echoP99Ratio: bare.ratio,
      failed,
    },
    peers: {},
    bars: [
      atMost('p99, in the flood to without', ours.ratio, 1.5),
      atMost('failed calls of the other caller', failed, 0),
    ],
  };
}
