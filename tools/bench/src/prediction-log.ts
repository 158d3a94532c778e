import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { atMost, type BenchReport, median } from './bench-report.ts';
import { ServedModel, type ServingProcess } from './served-model.ts';

const concurrency = 16;
const pairs = 12;
const sliceRequests = 4000;
const warmUpRequests = 12_000;

/**
 * What `PREDICTION_LOG=ack` costs: 16 clients ask for one row of 17 columns each, at servers that differ in one variable, in slices
 * of 4,000 requests by turns. CPU is the serving process's, all of its threads, relay to the bus included. Then the same with the bus there and
 * away. No peer runs from the same packages.
 */
export async function predictionLog(): Promise<BenchReport> {
  const model = await ServedModel.open();
  try {
    const off = await model.serve('off', { PREDICTION_LOG: 'off' });
    const ack = await model.serve('ack', {});
    const cost = await compare(off, ack);
    const away = await model.serve('away', { EVENT_BUS_URL: 'postgres://127.0.0.1:1/none' });
    const outage = await compare(ack, away);
    const cpuRatio = median(cost.map(([base, other]) => other.cpuUs / base.cpuUs));
    const wallRatio = median(cost.map(([base, other]) => other.meanUs / base.meanUs));
    const p99Ratio = median(outage.map(([base, other]) => other.p99Ms / base.p99Ms));
    const middle = (slices: readonly Slice[], figure: keyof Slice): number => median(slices.map((one) => one[figure]));
    const [offs, acks] = [cost.map(([base]) => base), cost.map(([, other]) => other)];
    return {
      bench: 'prediction-log',
      figures: {
        offCpuUs: middle(offs, 'cpuUs'),
        ackCpuUs: middle(acks, 'cpuUs'),
        offMeanUs: middle(offs, 'meanUs'),
        ackMeanUs: middle(acks, 'meanUs'),
        offP99Ms: middle(offs, 'p99Ms'),
        ackP99Ms: middle(acks, 'p99Ms'),
        busAwayP99Ms: middle(
          outage.map(([, other]) => other),
          'p99Ms',
        ),
        busThereP99Ms: middle(
          outage.map(([base]) => base),
          'p99Ms',
        ),
        cpuRatio,
        wallRatio,
        p99Ratio,
      },
      peers: {},
      bars: [atMost('cpu, ack to off', cpuRatio, 1.1), atMost('p99, bus away to bus there', p99Ratio, 1.25)],
    };
  } finally {
    await model.close();
  }
}

/** One slice's figures, a request. */
interface Slice {
  readonly cpuUs: number;
  readonly meanUs: number;
  readonly p99Ms: number;
}

/** Slices by turns, begun by either as often. */
async function compare(
  base: ServingProcess,
  other: ServingProcess,
): Promise<readonly (readonly [base: Slice, other: Slice])[]> {
  for (const server of [base, other]) await load(server, warmUpRequests);
  const compared: (readonly [Slice, Slice])[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = await load(pair % 2 === 0 ? base : other, sliceRequests);
    const second = await load(pair % 2 === 0 ? other : base, sliceRequests);
    const [a, b] = pair % 2 === 0 ? [first, second] : [second, first];
    compared.push([a, b]);
    const line = (slice: Slice): string =>
      `${slice.cpuUs.toFixed(0)} µs CPU, mean ${slice.meanUs.toFixed(0)} µs, p99 ${slice.p99Ms.toFixed(1)} ms`;
    console.error(`pair ${pair + 1} of ${pairs}: ${line(a)} | ${line(b)}`);
  }
  return compared;
}

/** Asks {@link concurrency} requests at a time. The server's CPU counts until it has told the bus. */
async function load(server: ServingProcess, requests: number): Promise<Slice> {
  const client = new tfs.PredictionServiceClient(server.address, credentials.createInsecure());
  const latencies: number[] = [];
  const cpuBefore = server.cpuS();
  const asking = async (seed: number): Promise<void> => {
    for (let n = seed; n < requests; n += concurrency) {
      const begun = performance.now();
      await ask(client, n);
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, seed) => asking(seed)));
  client.close();
  await sleep(600);
  const cpuS = server.cpuS() - cpuBefore;
  latencies.sort((a, b) => a - b);
  return {
    cpuUs: (cpuS * 1e6) / latencies.length,
    meanUs: (latencies.reduce((sum, one) => sum + one, 0) * 1000) / latencies.length,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN,
  };
}

function ask(client: tfs.PredictionServiceClient, n: number): Promise<void> {
  const inputs = new Map([['price', number(n % 20)]]);
  for (const [index, name] of ServedModel.columns.entries()) inputs.set(name, text(`value${(n * (index + 7)) % 1000}`));
  const request = tfs.PredictRequest.create({ modelSpec: { name: 'ads', signatureName: '' }, inputs });
  return new Promise((resolve, reject) => {
    client.predict(request, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

const oneRow = { dim: [{ size: 1n, name: '' }], unknownRank: false };

function text(value: string): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_STRING,
    tensorShape: oneRow,
    stringVal: [Buffer.from(value)],
  });
}

function number(value: number): tfs.TensorProto {
  return tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, tensorShape: oneRow, floatVal: [value] });
}
