import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newToken, tokenLine } from '@adstocrat/service-kit';
import { atMost, type BenchReport } from '../bench-report.ts';
import { blackPngs } from '../black-png.ts';
import { openEcho } from '../load/echo.ts';
import { HttpConnections } from '../load/http-connections.ts';
import type { LoadConnection } from '../load/load-connection.ts';
import { LoadProcess } from '../load/load-process.ts';
import { type OpenLoadResult, openLoop } from '../load/open-loop.ts';
import { mediansOf, pairedWindows, type WindowPair } from '../load/paired-windows.ts';
import { ServedModel } from '../served-model.ts';
import { imageRows, predictPath } from './image-rows.ts';
import { writeImageNetwork } from './write-image-network.ts';

/** Pairs of windows; those that come first let the server and the load become warm, and are not counted. */
const [warmPairs, pairs] = [1, 5];
const windowMs = 6000;
const askedPerS = 100;
const [images, side, smallSide] = [16, 8000, 64];

/**
 * What one caller's images cost another. It sends 16 of 8000 × 8000, and again once they are answered, with limits that let them in. The
 * other one asks 50 times a second over REST for a row without an image and as often for one with an image of 64 × 64 of its own. A server
 * that does nothing is asked as often: what becomes of its p99 is the machine's.
 */
export async function pixels(): Promise<BenchReport> {
  const model = await ServedModel.open(writeImageNetwork);
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-pixels-'));
  const echo = await openEcho();
  try {
    const [polite, greedy] = [newToken(), newToken()];
    const file = join(folder, 'tokens');
    const lines = [tokenLine('polite', ['predict'], polite), tokenLine('greedy', ['predict'], greedy)];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const { restAddress } = await model.serve('pixels', {
      TOKENS_FILE: file,
      MAX_REQUEST_PIXELS: String(images * side * side),
      CALLER_MAX_PIXELS: String(images * side * side),
    });
    const large = await LoadProcess.start(join(import.meta.dirname, 'large-images-process.ts'), [
      restAddress,
      greedy,
      String(side),
      String(images),
    ]);
    const connection = await HttpConnections.open(8, restAddress, predictPath, { authorization: `Bearer ${polite}` });
    const caller = { connection, echo: echo.connection };
    const windows = await pairedWindows(large, { warmPairs, pairs }, () => asked(caller));
    connection.close();
    await large.stop();
    return reportOf(windows);
  } finally {
    echo.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Window {
  readonly rowP99Ms: number;
  readonly imageP99Ms: number;
  /** Of the server that does nothing. */
  readonly echoP99Ms: number;
  readonly failed: number;
}

function reportOf(windows: readonly WindowPair<Window>[]): BenchReport {
  const row = mediansOf(windows, 'rowP99Ms');
  const image = mediansOf(windows, 'imageP99Ms');
  const bare = mediansOf(windows, 'echoP99Ms');
  const failed = windows.flat().reduce((sum, one) => sum + one.failed, 0);
  return {
    bench: 'overload --pixels',
    figures: {
      calmRowP99Ms: row.calm,
      besideRowP99Ms: row.beside,
      calmImageP99Ms: image.calm,
      besideImageP99Ms: image.beside,
      echoCalmP99Ms: bare.calm,
      echoBesideP99Ms: bare.beside,
      rowP99Ratio: row.ratio,
      imageP99Ratio: image.ratio,
      echoP99Ratio: bare.ratio,
      failed,
    },
    peers: {},
    bars: [
      atMost('p99 of rows without images, to that without the other caller', row.ratio, 1.5),
      atMost('p99 of rows with small images, to that without the other caller', image.ratio, 1.5),
      atMost('failed calls of the caller who asks for little', failed, 0),
    ],
  };
}

interface Caller {
  readonly connection: LoadConnection;
  readonly echo: LoadConnection;
}

/** Calls at their times, whether those before are answered or not. A latency counts from the time that a call was due. */
async function asked({ connection, echo }: Caller): Promise<Window> {
  const perS = askedPerS / 2;
  const small = blackPngs(smallSide, (perS * windowMs) / 1000 + 1).map((image) => imageRows([image]));
  const end = sleep(windowMs);
  // None is due when another is.
  const one = async (to: LoadConnection, bodies: readonly Uint8Array[], share: number): Promise<OpenLoadResult> => {
    await sleep((share * 1000) / perS);
    return openLoop([to], bodies, { perS }, end);
  };
  const [rows, images, bare] = await Promise.all([
    one(connection, [imageRows([undefined])], 0),
    one(connection, small, 1 / 2),
    one(echo, [Buffer.from('row')], 1 / 4),
  ]);
  return {
    rowP99Ms: rows.p99Ms,
    imageP99Ms: images.p99Ms,
    echoP99Ms: bare.p99Ms,
    failed: rows.refused + images.refused,
  };
}
