import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, type Metadata } from '@grpc/grpc-js';
import { feedback, ingestion } from '@adstocrat/schemas';
import type { Ground } from '../ground/ground.ts';
import { authorised, models } from './first-models.ts';

const deadlineMs = 10_000;

/**
 * Asks for a retrain of each model and counts the rows of the live spans that answer it. Every label that was said before is in
 * one of them. What there is after `withinS` wall seconds where one does not come.
 */
export async function rowsInLiveSpans(ground: Ground, withinS: number): Promise<number> {
  const until = Date.now() + withinS * 1000;
  const counts = await Promise.all(
    models.map(async (model) => {
      await again(until, () => requestRetrain(ground, model));
      return again(until, () => liveRows(ground, model));
    }),
  );
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** Until it answers; undefined once the time is over. */
async function again<T>(until: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (; Date.now() < until; await sleep(500)) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function requestRetrain(ground: Ground, model: string): Promise<feedback.RequestRetrainResponse> {
  const client = new feedback.FeedbackServiceClient(
    ground.of('feedback')[0]?.address ?? '',
    credentials.createInsecure(),
  );
  return answered<feedback.RequestRetrainResponse>(ground, (metadata, options, done) =>
    client.requestRetrain({ model, reason: 'the campaign counts' }, metadata, options, done),
  ).finally(() => {
    client.close();
  });
}

/** Rows of all spans after the first, which is the batch that the model was trained on. Undefined where there is none yet. */
async function liveRows(ground: Ground, task: string): Promise<number | undefined> {
  const client = new ingestion.IngestionServiceClient(
    ground.of('ingestion')[0]?.address ?? '',
    credentials.createInsecure(),
  );
  const { spans } = await answered<ingestion.ListSpansResponse>(ground, (metadata, options, done) =>
    client.listSpans({ task }, metadata, options, done),
  ).finally(() => {
    client.close();
  });
  const live = spans.filter(({ span }) => span > 1);
  if (live.length === 0) return undefined;
  return live.reduce((sum, { trainRows, validationRows, testRows }) => sum + trainRows + validationRows + testRows, 0);
}

function answered<R>(
  ground: Ground,
  call: (
    metadata: Metadata,
    options: { readonly deadline: number },
    done: (error: Error | null, response: R) => void,
  ) => unknown,
): Promise<R> {
  return new Promise((resolve, reject) => {
    call(authorised(ground), { deadline: Date.now() + deadlineMs }, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}
