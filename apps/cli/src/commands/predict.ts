import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openArtifactStore, openExampleEngine } from '@adstocrat/adapters';
import { BadData, NoHeaderLine } from '@adstocrat/example-engine';
import { environmentReader, unpackEnvironment } from '@adstocrat/service-kit';
import { z } from 'zod';
import { ExitError } from '../exit-error.ts';
import { createProgress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { predictBatch, scoresOf } from './predict-batch.ts';
import { scoreByRequests } from './predict-by-requests.ts';
import { nothingScored, sayOutcome } from './predict-outcome.ts';
import { columnsOf, type Predicting, type PredictOptions, unnamed } from './predicting.ts';
import { scoreLines } from './score-lines.ts';
import { stableServable } from './stable-servable.ts';
import { systemFor } from './system-for.ts';
import { waitUntilServed } from './wait-until-served.ts';
import { assertWritable, writeWhole } from './whole-file.ts';

/** Bytes of a file from which it is a batch. */
const largeBytes = 64 * 1024 * 1024;
/** As ingestion's. */
const readUnpacking = environmentReader(z.object(unpackEnvironment));

function unpackSetting(): ReturnType<typeof readUnpacking> {
  try {
    return readUnpacking(process.env);
  } catch (error) {
    throw new ExitError(2, 'UNPACK_RATIO must be a number of at least 1', { cause: error });
  }
}

/** Rows in, `id,score` out, through the serving code: asked for request by request, or as a batch where the file is large. Writes the whole file or none. */
export async function predict(options: PredictOptions): Promise<void> {
  const input = resolve(options.in);
  const facts = statSync(input, { throwIfNoEntry: false });
  if (facts === undefined) throw new ExitError(2, `no such file: ${options.in}`);
  if (!facts.isFile()) throw new ExitError(2, `${options.in} is no file: name a CSV with --in`);
  const nameless = columnsOf(options)?.indexOf('') ?? -1;
  if (nameless !== -1)
    throw new ExitError(2, `--columns: column ${nameless + 1} has no name: name each of them, in their order`);
  assertWritable(options.out);
  const { UNPACK_RATIO: unpackRatio } = unpackSetting();
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  const { schema, manifest, transform } = await stableServable(system, options.model);
  await waitUntilServed(system.clients, options.model);
  const workDir = new Home(options.home).path('work', 'predict');
  mkdirSync(workDir, { recursive: true });
  const engine = await openExampleEngine({ workDir, unpackRatio });
  try {
    const predicting = { system, engine, options, schema, manifest, transform, progress, workDir };
    if (options.batch === true || facts.size >= largeBytes) await scoreAsBatch(predicting, input);
    else await scoreByRequests(predicting, input);
  } catch (error) {
    if (error instanceof NoHeaderLine) throw new ExitError(1, unnamed(options, error.fields), { cause: error });
    if (error instanceof BadData) throw new ExitError(1, error.message, { cause: error });
    throw error;
  } finally {
    await engine.close();
  }
}

async function scoreAsBatch(
  { system, engine, options, manifest, progress, workDir }: Predicting,
  path: string,
): Promise<void> {
  const { model, out, allowMissing = false } = options;
  const columns = columnsOf(options) ?? [];
  const asked = { model, version: manifest.modelVersion, path, name: options.in, allowMissing, columns };
  const outcome = await predictBatch(system, asked, progress);
  const store = await openArtifactStore(system.artifactsUrl);
  if (outcome.scored === 0 && outcome.failed > 0) throw nothingScored(options, outcome);
  const lines = async function* (): AsyncGenerator<string> {
    yield 'id,score\n';
    for await (const { ids, scores } of scoresOf(store, engine, outcome, workDir)) yield scoreLines(ids, scores);
  };
  await writeWhole(out, lines());
  sayOutcome(progress, options, outcome);
}
