import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { openArtifactStore } from '@adstocrat/adapters';
import { Random } from '@adstocrat/adworld';
import { Replayer } from '@adstocrat/replay';
import { StoredImages } from '@adstocrat/stored-images';
import { type events, feedback, tensorflowServing as tfs } from '@adstocrat/schemas';
import sharp from 'sharp';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { Tally } from '../tally.ts';
import { randomRequests } from './random-requests.ts';
import { ReplayGround } from './replay-ground.ts';
import { model } from './write-version.ts';

export interface ReplayOptions {
  readonly predictions: number;
  readonly versions: number;
  readonly seed: number;
  readonly say: (sentence: string) => void;
}

/** Requests, and look-ups, in flight. */
const flying = 8;
/** Wall milliseconds that a prediction may take from its answer to feedback. */
const patienceMs = 120_000;

/**
 * Has a server answer random rows by random versions, and recomputes each from feedback's log by itself: the score that the caller was
 * given, the one in the log and the one recomputed must be one, bit for bit.
 */
export async function replay({ predictions, versions, seed, say }: ReplayOptions): Promise<CampaignReport> {
  const begunMs = performance.now();
  const random = new Random(seed, 'replay');
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-replay-'));
  const pictures = await Promise.all(Array.from({ length: 12 }, () => picture(random)));
  const ground = await ReplayGround.start(folder, versions, random, pictures);
  try {
    const answered = await ask(ground, predictions, randomRequests(random, versions, pictures));
    say(`${answered.size} predictions were answered by ${versions} versions`);
    const tally = await recompute(ground, answered, join(folder, 'replayed'), say);
    const { size } = answered;
    return {
      bench: 'replay',
      figures: {
        predictions: size,
        versions,
        distinctScores: new Set(answered.values()).size,
        withImageBytes: tally.of('with image bytes'),
        seconds: Math.round((performance.now() - begunMs) / 1000),
      },
      peers: {},
      bars: [
        exactly('predictions that are bit-equal when replayed', tally.of('equal'), size),
        exactly('predictions whose caller was given what the log says', tally.of('answered as logged'), size),
        exactly('predictions that cannot be replayed', tally.of('impossible'), 0),
      ],
    };
  } finally {
    await ground.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An image of noise that compresses to a file of its own. */
async function picture(random: Random): Promise<Uint8Array> {
  const raw = { width: 6 + random.below(10), height: 6 + random.below(10), channels: 3 as const };
  const pixels = Uint8Array.from({ length: raw.width * raw.height * 3 }, () => random.below(256));
  return sharp(pixels, { raw }).png().toBuffer();
}

/** Score by prediction id, as the caller was given it. */
async function ask(
  { serving }: ReplayGround,
  predictions: number,
  requests: ReturnType<typeof randomRequests>,
): Promise<ReadonlyMap<string, number>> {
  const client = new tfs.PredictionServiceClient(serving.address, credentials.createInsecure());
  const scores = new Map<string, number>();
  const worker = async (): Promise<void> => {
    while (scores.size < predictions) {
      const { request, ids } = requests.next().value;
      const answer = await called<tfs.PredictResponse>((done) => client.predict(request, new Metadata(), done));
      for (const [row, score] of (answer.outputs.get('score')?.floatVal ?? []).entries())
        scores.set(ids[row] ?? '', score);
    }
  };
  await Promise.all(Array.from({ length: flying }, worker));
  client.close();
  return scores;
}

async function recompute(
  { feedback: service, metadata, artifactsUrl }: ReplayGround,
  answered: ReadonlyMap<string, number>,
  workDir: string,
  say: (sentence: string) => void,
): Promise<Tally> {
  const client = new feedback.FeedbackServiceClient(service.address, credentials.createInsecure());
  const store = await openArtifactStore(artifactsUrl);
  const images = new StoredImages({ registry: metadata.images, store, artifactsUrl });
  const replayer = new Replayer({ versions: metadata, store, images, workDir });
  const tally = new Tally();
  const entries = [...answered];
  for (let from = 0; from < entries.length; from += flying) {
    const some = entries.slice(from, from + flying);
    const found = await Promise.all(some.map(([id]) => find(client, id)));
    for (const [index, [id, score]] of some.entries()) {
      const logged = found[index];
      if (logged === undefined) throw new Error(`${id} did not come to feedback within ${patienceMs / 1000} s`);
      const result = await replayer.replay(logged);
      tally.add(result.outcome);
      if (logged.imageDigest !== '') tally.add('with image bytes');
      if (Object.is(logged.score, score)) tally.add('answered as logged');
      if (result.outcome !== 'equal') say(`${id} of version ${logged.version}: ${JSON.stringify(result)}`);
    }
  }
  client.close();
  await replayer.close();
  return tally;
}

async function find(
  client: feedback.FeedbackServiceClient,
  predictionId: string,
): Promise<events.PredictionMade | undefined> {
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(100)) {
    const { predictions } = await called<feedback.FindPredictionsResponse>((done) =>
      client.findPredictions({ predictionId, model }, done),
    );
    if (predictions[0] !== undefined) return predictions[0];
  }
  return undefined;
}

function called<R>(start: (done: (error: ServiceError | null, response: R) => void) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
}
