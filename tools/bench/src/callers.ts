import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { newToken, tokenLine } from '@adstocrat/service-kit';
import { atMost, type BenchReport, median } from './bench-report.ts';
import { ServedModel, type ServingProcess } from './served-model.ts';

const pairs = 10;
const windowMs = 4000;
const askedPerS = 50;
/** Of the flood, over gRPC; twice a second it also sends 16 images of 8000 × 8000. */
const floodedPerS = 500;

/**
 * What one caller's flood costs another: a caller asks 50 times a second, in windows without and with a flood from another process under
 * another token, each of which may call 100 times a second. No peer has limits of callers.
 */
export async function callers(): Promise<BenchReport> {
  const model = await ServedModel.open();
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-callers-'));
  try {
    const [polite, flooding] = [newToken(), newToken()];
    const file = join(folder, 'tokens');
    const lines = [tokenLine('polite', ['predict'], polite), tokenLine('flooding', ['predict'], flooding)];
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const server = await model.serve('callers', {
      TOKENS_FILE: file,
      CALLER_MAX_CALLS: '200',
      CALLER_CALLS_PER_S: '100',
    });
    await asked(server, polite);
    const windows: (readonly [calm: Window, flooded: Window])[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const calm = await asked(server, polite);
      const flooded = await duringFlood(server, flooding, () => asked(server, polite));
      windows.push([calm, flooded]);
      console.error(
        `pair ${pair + 1} of ${pairs}: p99 ${calm.p99Ms.toFixed(1)} ms, in the flood ${flooded.p99Ms.toFixed(1)} ms`,
      );
    }
    const ratio = median(windows.map(([calm, flooded]) => flooded.p99Ms / calm.p99Ms));
    const failed = windows.flat().reduce((sum, one) => sum + one.failed, 0);
    return {
      bench: 'callers',
      figures: {
        calmP99Ms: median(windows.map(([calm]) => calm.p99Ms)),
        floodedP99Ms: median(windows.map(([, flooded]) => flooded.p99Ms)),
        p99Ratio: ratio,
        failed,
      },
      peers: {},
      bars: [atMost('p99, in the flood to without', ratio, 1.5), atMost('failed calls of the other caller', failed, 0)],
    };
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Window {
  readonly p99Ms: number;
  readonly failed: number;
}

/** Runs while another process floods the server. */
async function duringFlood<T>(server: ServingProcess, token: string, run: () => Promise<T>): Promise<T> {
  const script = join(import.meta.dirname, 'flood-process.ts');
  const flood = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', script, server.address, server.restAddress, token, String(floodedPerS)],
    { stdio: 'ignore' },
  );
  try {
    // It makes its images first.
    await sleep(windowMs);
    return await run();
  } finally {
    flood.kill('SIGKILL');
  }
}

/** Calls at their times, whether those before are answered or not. A latency counts from the time that a call was due. */
async function asked(server: ServingProcess, token: string): Promise<Window> {
  const client = new tfs.PredictionServiceClient(server.address, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const latencies: number[] = [];
  let failed = 0;
  const begunMs = performance.now();
  const calls = Array.from({ length: (askedPerS * windowMs) / 1000 }, async (_, n) => {
    const dueMs = begunMs + (n * 1000) / askedPerS;
    await sleep(Math.max(0, dueMs - performance.now()));
    await predict(client, metadata).catch(() => (failed += 1));
    latencies.push(performance.now() - dueMs);
  });
  await Promise.all(calls);
  client.close();
  latencies.sort((a, b) => a - b);
  return { p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN, failed };
}

const price = tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, floatVal: [9.5] });

function predict(client: tfs.PredictionServiceClient, metadata: Metadata): Promise<void> {
  const request = tfs.PredictRequest.create({
    modelSpec: { name: 'ads', signatureName: '' },
    inputs: new Map([['price', price]]),
  });
  return new Promise((resolve, reject) => {
    client.predict(request, metadata, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
