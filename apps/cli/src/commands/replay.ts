import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { type Replay, Replayer } from '@adstocrat/replay';
import { StoredImages } from '@adstocrat/stored-images';
import type { events } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { findLogged } from './find-logged.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface ReplayOptions extends SystemChoice {
  readonly prediction: string;
  /** Absent: of every model that scored the id. */
  readonly model?: string;
  readonly json?: boolean;
}

/** Recomputes a logged prediction with the very version that answered it. Throws {@link ExitError} where it is not bit-equal. */
export async function replay(options: ReplayOptions): Promise<void> {
  await using system = await systemFor(options);
  const found = await findLogged(system, options.prediction, options.model ?? '');
  const metadata = await openMetadata(system.databaseUrl);
  const workDir = mkdtempSync(join(tmpdir(), 'adstocrat-replay-'));
  const { artifactsUrl } = system;
  const store = await openArtifactStore(artifactsUrl);
  const images = new StoredImages({ registry: metadata.images, store, artifactsUrl });
  const replayer = new Replayer({ versions: metadata, store, images, workDir });
  try {
    const results: Replay[] = [];
    for (const logged of found) {
      const result = await replayer.replay(logged);
      results.push(result);
      console.log(
        options.json === true ? JSON.stringify({ ...factsOf(logged), ...result }) : sentenceOf(logged, result),
      );
    }
    const unlike = results.filter(({ outcome }) => outcome !== 'equal').length;
    if (unlike > 0) throw new ExitError(1, `${unlike} of ${found.length} predictions are not bit-equal when replayed`);
  } finally {
    await replayer.close();
    rmSync(workDir, { recursive: true, force: true });
    await metadata.close();
  }
}

function factsOf({ predictionId, model, version, servedAtMs, features }: events.PredictionMade) {
  return {
    predictionId,
    model,
    version,
    servedAt: new Date(servedAtMs).toISOString(),
    features: Object.keys(features),
  };
}

function sentenceOf(
  { predictionId, model, version, score, servedAtMs }: events.PredictionMade,
  result: Replay,
): string {
  const begin = `${predictionId}: version ${version} of ${model} answered ${score} at ${new Date(servedAtMs).toISOString()}`;
  switch (result.outcome) {
    case 'equal':
      return `${begin}; replayed it answers the same, bit for bit`;
    case 'different':
      return `${begin}; replayed it answers ${result.recomputed}, ${result.ulps} float32 away. Was it served by another kind of processor, or another release of the engine?`;
    case 'impossible':
      return `${begin}; it cannot be replayed: ${result.reason}`;
  }
}
