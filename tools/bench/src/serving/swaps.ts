import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { healthy, SwappedModel } from '@adstocrat/campaigns';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { atMost, type BenchReport, median } from '../bench-report.ts';
import { GrpcConnection } from '../load/grpc-connection.ts';
import { openLoop, type OpenLoadResult } from '../load/open-loop.ts';
import { peakPerS } from '../load/peak.ts';
import { concurrency } from './measured-load.ts';

/** Rows of a request: an answer whose rows were scored by two versions would show it. */
const rows = 8;
const shareOfPeak = 0.3;
const startWithinMs = 180_000;

/**
 * What swaps of the version in force cost those who ask meanwhile: windows at 30 % of the peak without and with swaps, by turns.
 * `--pairs`, `--swaps`: of windows, and swaps of a window.
 */
export async function swaps(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { pairs: { type: 'string', default: '10' }, swaps: { type: 'string', default: '100' } },
  });
  const [pairs, count] = [Number(values.pairs), Number(values.swaps)];
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-swaps-'));
  const model = await SwappedModel.open(folder);
  const server = await model.server('swapped', {});
  server.start();
  try {
    await healthy(server, startWithinMs);
    const load = await AskedRows.open(server.address);
    let version = 1;
    const swapAll = async (): Promise<void> => {
      for (let swap = 0; swap < count; swap += 1) {
        version = SwappedModel.after(version);
        await model.deploy(version);
        while (load.lastVersion !== version) await sleep(2);
      }
    };
    const windows: { readonly calm: OpenLoadResult; readonly swapped: OpenLoadResult }[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const swapped = await load.during(swapAll());
      const calm = await load.during(sleep(swapped.wallS * 1000));
      windows.push({ calm, swapped });
      console.error(
        `pair ${pair + 1} of ${pairs}: p99 ${calm.p99Ms.toFixed(1)} ms, with ${count} swaps in ${swapped.wallS.toFixed(1)} s ${swapped.p99Ms.toFixed(1)} ms`,
      );
    }
    load.close();
    const all = windows.flatMap(({ calm, swapped }) => [calm, swapped]);
    const ratio = median(windows.map(({ calm, swapped }) => swapped.p99Ms / calm.p99Ms));
    const failed = all.reduce((sum, { refused }) => sum + refused, 0);
    return {
      bench: 'swaps',
      figures: {
        peakPerS: load.peakPerS,
        asked: all.reduce((sum, { asked }) => sum + asked, 0),
        swaps: pairs * count,
        calmP99Ms: median(windows.map(({ calm }) => calm.p99Ms)),
        swappedP99Ms: median(windows.map(({ swapped }) => swapped.p99Ms)),
        p99Ratio: ratio,
        failedOrMixed: failed,
      },
      peers: {},
      bars: [atMost('p99, with swaps to without', ratio, 1.5), atMost('failed or mixed answers', failed, 0)],
    };
  } finally {
    await server.stop(30_000);
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Requests of some rows for the model "ads", at a share of the peak. */
class AskedRows {
  readonly peakPerS: number;
  readonly #connection: GrpcConnection;
  readonly #bodies: readonly Uint8Array[];
  /** Of the last answer. */
  lastVersion = 0;

  private constructor(peakPerS: number, connection: GrpcConnection, bodies: readonly Uint8Array[]) {
    this.peakPerS = peakPerS;
    this.#connection = connection;
    this.#bodies = bodies;
  }

  /** Finds the peak first: of 16 callers who each wait for the answer before they ask again. */
  static async open(address: string): Promise<AskedRows> {
    const path = '/tensorflow.serving.PredictionService/Predict';
    const connection = await GrpcConnection.open(address, path, concurrency);
    const price = tfs.TensorProto.create({
      dtype: tfs.DataType.DT_FLOAT,
      floatVal: Array.from({ length: rows }, () => 10),
      tensorShape: { dim: [{ size: BigInt(rows), name: '' }], unknownRank: false },
    });
    const request = tfs.PredictRequest.create({
      modelSpec: { name: 'ads', signatureName: '' },
      inputs: new Map([['price', price]]),
    });
    const bodies = [tfs.PredictRequest.encode(request).finish()];
    return new AskedRows(await peakPerS(connection, bodies), connection, bodies);
  }

  during(what: Promise<unknown>): Promise<OpenLoadResult> {
    const isRight = (message: Uint8Array): boolean => {
      const { modelSpec, outputs } = tfs.PredictResponse.decode(message);
      const version = (this.lastVersion = Number(modelSpec?.version));
      const scores = outputs.get('score')?.floatVal ?? [];
      return scores.length === rows && scores.every((score) => SwappedModel.fault({ version, score }) === undefined);
    };
    return openLoop([this.#connection], this.#bodies, { perS: shareOfPeak * this.peakPerS, isRight }, what);
  }

  close(): void {
    this.#connection.close();
  }
}
