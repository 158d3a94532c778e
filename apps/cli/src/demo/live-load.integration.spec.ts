import { setTimeout as sleep } from 'node:timers/promises';
import { LiveTraffic } from '@adstocrat/adworld';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ClientTls, clockOf } from '@adstocrat/service-kit';
import { GrpcServer, unary } from '@adstocrat/service-kit/grpc';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clients, openClients } from '../system/clients.ts';
import { defaultPorts } from '../system/ports.ts';
import { ClickSender } from './click-sender.ts';
import { LiveLoad } from './live-load.ts';

const logger = createLogger({ service: 'spec', level: 'silent' });
const tls = new ClientTls({}, logger);
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A server that answers once `answers` is settled, and knows how many calls were on their way at most. */
class SlowServing {
  answers: Promise<void> = Promise.resolve();
  atOnce = 0;
  most = 0;
  largest = 0;

  async predict(request: tfs.PredictRequest): Promise<tfs.PredictResponse> {
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    const rows = request.inputs.get('prediction_id')?.stringVal.length ?? 0;
    this.largest = Math.max(this.largest, rows);
    await this.answers;
    this.atOnce -= 1;
    const score = tfs.TensorProto.create({ dtype: tfs.DataType.DT_FLOAT, floatVal: new Array<number>(rows).fill(0.1) });
    return tfs.PredictResponse.create({ outputs: new Map([['score', score]]) });
  }
}

async function started(serving: SlowServing): Promise<Clients> {
  const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
  const predict = unary(logger, (request: tfs.PredictRequest) => serving.predict(request));
  server.addService(
    { predict: tfs.PredictionServiceService.predict } as unknown as typeof tfs.PredictionServiceService,
    { predict } as unknown as tfs.PredictionServiceServer,
  );
  await server.start();
  closings.push(() => server.stop());
  const clients = openClients([{ ...defaultPorts, serving: server.port }], 'token', tls.grpcCredentials());
  closings.push(() => clients.close());
  return clients;
}

const traffic = new LiveTraffic({ months: 1, creatives: 40, users: 100, rowsPerHour: 12_000 });

function loadOn(clients: Clients, speed: number): LiveLoad {
  const now = Date.now();
  const clock = clockOf({ speed, origin: { wallMs: now, systemMs: now } });
  const clicks = new ClickSender(['http://127.0.0.1:1'], () => clock.nowMs(), tls);
  const load = new LiveLoad({ traffic, clients, clicks, clock, model: 'spec', onFailure: () => undefined });
  closings.push(() => clicks.stop());
  closings.push(() => load.stop());
  return load;
}

describe('LiveLoad', () => {
  it('skips and counts what it could not ask for in time, and never asks for it later all at once', async () => {
    const serving = new SlowServing();
    const { promise, resolve: answer } = Promise.withResolvers<void>();
    serving.answers = promise;
    // 2,000 rows a second: in flight are at most 16 requests of 32.
    const load = loadOn(await started(serving), 600);
    while (load.rowsSkipped < 2000) await sleep(50);
    expect(serving.most).toBeLessThanOrEqual(16);
    expect(load.rowsSent).toBeLessThanOrEqual(16 * 32);
    answer();
    const sentBefore = load.rowsSent;
    while (load.rowsSent < sentBefore + 1000) await sleep(20);
    // It goes on with what happens now.
    expect(serving.most).toBeLessThanOrEqual(16);
    expect(serving.largest).toBeLessThanOrEqual(32);
    expect(load.requestsFailed).toBe(0);
  });
});
