import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newToken, tokenLine } from '@adstocrat/service-kit';
import { atMost, type BenchReport, median } from '../bench-report.ts';
import { blackPngs } from '../black-png.ts';
import { ServedModel, type ServingProcess } from '../served-model.ts';
import { predictRows } from './image-rows.ts';
import { writeImageNetwork } from './write-image-network.ts';

const pairs = 5;
const windowMs = 6000;
const askedPerS = 100;
const [images, side, smallSide] = [16, 8000, 64];

/**
 * What one caller's images cost another. It sends 16 of 8000 × 8000, and again once they are answered, with limits that let them in. The
 * other one asks 100 times a second over REST, by turns for a row without an image and for one with an image of 64 × 64 of its own.
 */
export async function pixels(): Promise<BenchReport> {
  const model = await ServedModel.open(writeImageNetwork);
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-pixels-'));
  try {
    const [polite, greedy] = [newToken(), newToken()];
    const file = join(folder, 'tokens');
    const lines = [tokenLine('polite', ['predict'], polite), tokenLine('greedy', ['predict'], greedy)];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const server = await model.serve('pixels', {
      TOKENS_FILE: file,
      MAX_REQUEST_PIXELS: String(images * side * side),
      CALLER_MAX_PIXELS: String(images * side * side),
    });
    await asked(server, polite);
    const windows: (readonly [calm: Window, beside: Window])[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const calm = await asked(server, polite);
      const beside = await besideLarge(server, greedy, () => asked(server, polite));
      windows.push([calm, beside]);
      console.error(`pair ${pair + 1} of ${pairs}: ${JSON.stringify({ calm, beside })}`);
    }
    const ratioOf = (p99: 'rowP99Ms' | 'imageP99Ms'): number =>
      median(windows.map(([calm, beside]) => beside[p99] / calm[p99]));
    const [rowRatio, imageRatio] = [ratioOf('rowP99Ms'), ratioOf('imageP99Ms')];
    const failed = windows.flat().reduce((sum, one) => sum + one.failed, 0);
    return {
      bench: 'overload --pixels',
      figures: {
        calmRowP99Ms: median(windows.map(([calm]) => calm.rowP99Ms)),
        besideRowP99Ms: median(windows.map(([, beside]) => beside.rowP99Ms)),
        calmImageP99Ms: median(windows.map(([calm]) => calm.imageP99Ms)),
        besideImageP99Ms: median(windows.map(([, beside]) => beside.imageP99Ms)),
        rowP99Ratio: rowRatio,
        imageP99Ratio: imageRatio,
        failed,
      },
      peers: {},
      bars: [
        atMost('p99 of rows without images, to that without the other caller', rowRatio, 1.5),
        atMost('p99 of rows with small images, to that without the other caller', imageRatio, 1.5),
        atMost('failed calls of the caller who asks for little', failed, 0),
      ],
    };
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Window {
  readonly rowP99Ms: number;
  readonly imageP99Ms: number;
  readonly failed: number;
}

/** Runs while another process has large images decoded, and until it has its last answer. */
async function besideLarge<T>(server: ServingProcess, token: string, run: () => Promise<T>): Promise<T> {
  const script = join(import.meta.dirname, 'large-images-process.ts');
  const large = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', script, server.restAddress, token, String(side), String(images)],
    { stdio: 'ignore' },
  );
  const ended = once(large, 'exit');
  try {
    // It makes its images first.
    await sleep(windowMs / 2);
    return await run();
  } finally {
    large.kill('SIGTERM');
    await ended;
  }
}

/** Calls at their times, whether those before are answered or not. A latency counts from the time that a call was due. */
async function asked(server: ServingProcess, token: string): Promise<Window> {
  const latencies: [row: number[], image: number[]] = [[], []];
  let failed = 0;
  const count = (askedPerS * windowMs) / 1000;
  const small = blackPngs(smallSide, count / 2);
  const begunMs = performance.now();
  const calls = Array.from({ length: count }, async (_, n) => {
    const dueMs = begunMs + (n * 1000) / askedPerS;
    await sleep(Math.max(0, dueMs - performance.now()));
    const image = n % 2 === 0 ? undefined : small[n >> 1];
    if (!(await predictRows(server.restAddress, token, [image]))) failed += 1;
    latencies[n % 2 === 0 ? 0 : 1].push(performance.now() - dueMs);
  });
  await Promise.all(calls);
  const [rowP99Ms = NaN, imageP99Ms = NaN] = latencies.map(
    (all) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)],
  );
  return { rowP99Ms, imageP99Ms, failed };
}
