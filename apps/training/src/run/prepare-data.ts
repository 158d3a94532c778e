import { join } from 'node:path';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import type { SpanRecord } from '@adstocrat/metadata';
import type { ServableManifest } from '@adstocrat/servables';
import type { StoredImages } from '@adstocrat/stored-images';
import type { Task } from '@adstocrat/tasks';
import { CompiledTransform, finishWithPauses, type TransformGraph, type TransformPlan } from '@adstocrat/transforms';
import { type FetchedSpans, fetchSpans } from '../data/fetch-spans.ts';
import { fitGraph, pause } from '../data/fit-graph.ts';
import { imageNames } from '../data/image-names.ts';
import { imagesShown } from '../data/images-shown.ts';
import { loadExamples, type LoadOptions } from '../data/load-examples.ts';
import { type LoadedImages, loadImages, normalizedImages } from '../data/load-images.ts';
import { loadTrainingRows } from '../data/load-training-rows.ts';
import { rowRuleOf } from '../data/row-rule.ts';
import { fitImageTower } from '../image/fit-image-tower.ts';
import { mostValidationRows } from '../search/schedule.ts';
import type { TrialData } from '../search/trial-data.ts';
import { personalOf } from './personal-columns.ts';

/** Bytes of validation rows that are held, and rows that are looked at however wide they are. */
const [validationBytes, fewestLookedAt] = [2 ** 29, 20_000] as const;

/** What is done before anything is trained, in this order; `images` where the model takes any. */
export type PrepareStep = 'fetch' | 'fit transforms' | 'images' | 'load' | 'load validation';

export interface PrepareOptions {
  readonly task: Task;
  readonly spans: readonly SpanRecord[];
  readonly store: ArtifactStore;
  readonly stored: StoredImages;
  /** Folder of this attempt alone. */
  readonly workDir: string;
  readonly signal: AbortSignal;
  /** Told often; what it throws ends the work. */
  readonly onStep: (step: PrepareStep, done: number, total: number) => void;
}

/** Spans as trials take them, and what it took to make that of them. */
export interface PreparedData {
  readonly fetched: FetchedSpans;
  readonly personal: Pick<ServableManifest, 'personal'>;
  readonly train: Relation;
  readonly validation: Relation;
  readonly plan: TransformPlan;
  /** Image values → sha256 hex, where the model takes images. */
  readonly named: ReadonlyMap<string, string>;
  readonly images: LoadedImages | undefined;
  /** Its training rows are held open until they are closed. */
  readonly data: TrialData;
}

/** Fetches spans, fits their transform and loads their rows through it. Throws a `PermanentFailure` where there is nothing to learn from. */
export async function prepareData(options: PrepareOptions, engine: ExampleEngine): Promise<PreparedData> {
  const { task, spans, store, stored, workDir, signal, onStep } = options;
  const said =
    (step: PrepareStep) =>
    (done: number, total: number): void => {
      onStep(step, done, total);
    };
  const fetched = await fetchSpans(store, spans, join(workDir, 'spans'), said('fetch'));
  const personal = personalOf(task, fetched.personalKey);
  const train = await engine.openParquet(fetched.files.train);
  const validation = await engine.openParquet(fetched.files.validation);
  if ((await engine.count(validation)) === 0)
    throw new PermanentFailure(
      'there are no validation rows: give split.validation in the task a longer time or a larger share',
    );
  const { schema, statistics } = fetched;
  const onProgress = said('fit transforms');
  const { graph, training, plan } = await fitGraph({ engine, train, schema, statistics, task, onProgress });
  const hasInputs = graph.fields.length + graph.dense.length > 0;
  if (!hasInputs && graph.image === undefined)
    throw new PermanentFailure(
      'no column is left to learn from: each has one value only, or a different one in every row',
    );
  signal.throwIfAborted();
  const named = graph.image === undefined ? new Map<string, string>() : await imageNames(engine, fetched.images);
  const images =
    graph.image &&
    (await loadImages({
      stored,
      digests: named.values(),
      transform: graph.image,
      onProgress: said('images'),
    }));
  const rule = await rowRuleOf(task, engine, train);
  const load = (relation: Relation, transform: CompiledTransform, step: PrepareStep): LoadOptions => ({
    engine,
    relation,
    transform,
    ...(images && { images: images.positions }),
    onProgress: said(step),
  });
  const rows = await loadTrainingRows({ ...load(train, training, 'load'), folder: workDir, ...(rule && { rule }) });
  try {
    const loaded = await loadExamples({
      ...load(validation, await finishWithPauses(CompiledTransform.compiling(graph), pause), 'load validation'),
      limit: validationLimit(graph),
    });
    const seen =
      images &&
      graph.image &&
      (await fitImageTower(normalizedImages(images, graph.image), graph.image.size, await imagesShown(rows)));
    if (!hasInputs && seen === undefined)
      throw new PermanentFailure(
        'no column is left to learn from, and the training rows show no two images that differ',
      );
    const data: TrialData = { graph, train: rows, validation: loaded, ...(seen && { images: seen }) };
    return { fetched, personal, train, validation, plan, named, images, data };
  } catch (error) {
    await rows.close();
    throw error;
  }
}

/** Validation rows are held in memory: wide ones are fewer. */
function validationLimit({ fields, dense }: TransformGraph): number {
  const bytesEach = 4 * (fields.length + dense.length + 1);
  return Math.min(mostValidationRows, Math.max(fewestLookedAt, Math.floor(validationBytes / bytesEach)));
}
