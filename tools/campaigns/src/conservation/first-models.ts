import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { Random } from '@adstocrat/adworld';
import { ingestion, tensorflowServing as tfs } from '@adstocrat/schemas';
import type { Ground } from '../ground/ground.ts';
import { writeTrainingLog } from './rows.ts';

/** Two models of one shop: an impression may be scored by one or by both. */
export const models = ['shop', 'shop-too'] as const;

/** What calls of the services' gRPC carry. */
export function authorised({ token }: Ground): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

/** Has both models trained, blessed and served by every instance, through the pipeline itself. Rejects where that takes over three minutes. */
export async function firstModels(ground: Ground, folder: string, windowMs: number, random: Random): Promise<void> {
  const data = join(folder, 'data');
  mkdirSync(data);
  writeTrainingLog(join(data, 'log.csv'), random, 4000);
  const client = new ingestion.IngestionServiceClient(
    ground.of('ingestion')[0]?.address ?? '',
    credentials.createInsecure(),
  );
  try {
    await Promise.all(models.map((model) => ingested(client, ground, taskYaml(model, windowMs), data)));
  } finally {
    client.close();
  }
  const until = Date.now() + 180_000;
  await Promise.all(
    ground.of('serving').flatMap(({ address }) => models.map((model) => available(address, model, until))),
  );
}

/** Monitors need more rows than there will be: nothing retrains, so that what is counted is the load's own. */
function taskYaml(name: string, windowMs: number): string {
  return [
    `name: ${name}`,
    'data: {examples: ["*.csv"]}',
    'label: bought',
    'id: row',
    `window: ${windowMs}ms`,
    'training: {batchSize: 256, maxSteps: 40}',
    'thresholds: {minLabelled: 1000000000}',
    '',
  ].join('\n');
}

/** Has a folder ingested as a span. Rejects where the span is not ready. */
export async function ingested(
  client: ingestion.IngestionServiceClient,
  ground: Ground,
  task: string,
  data: string,
): Promise<void> {
  const stream = client.ingestSpan({ taskYaml: task, dataUri: pathToFileURL(data).href }, authorised(ground));
  for await (const message of stream as AsyncIterable<ingestion.IngestSpanResponse>)
    if (message.span?.ready === false) throw new Error(`the span is not ready: ${message.span.anomalies.join('; ')}`);
}

async function available(address: string, model: string, until: number): Promise<void> {
  const client = new tfs.ModelServiceClient(address, credentials.createInsecure());
  const request = tfs.GetModelStatusRequest.create({ modelSpec: { name: model, signatureName: '' } });
  try {
    for (; ; await sleep(200)) {
      const states = await new Promise<readonly tfs.ModelVersionStatus[]>((answered) => {
        client.getModelStatus(request, (error, response) => {
          answered(error === null ? response.modelVersionStatus : []);
        });
      });
      if (states.some(({ state }) => state === tfs.ModelVersionStatus_State.AVAILABLE)) return;
      if (Date.now() > until)
        throw new Error(`${model} is not served on ${address} within three minutes; see the logs`);
    }
  } finally {
    client.close();
  }
}
