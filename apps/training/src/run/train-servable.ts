import { join } from 'node:path';
import { ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { openExampleEngine } from '@adstocrat/adapters';
import { servingColumns } from '@adstocrat/data-validation';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { PersonalRule } from '@adstocrat/examples';
import { openServable, writeServable } from '@adstocrat/inference';
import type { SpanRecord } from '@adstocrat/metadata';
import { type ServableManifest, warmUpTolerance } from '@adstocrat/servables';
import type { Task } from '@adstocrat/tasks';
import { trainingDevice } from '@adstocrat/tensorflow';
import { CompiledTransform } from '@adstocrat/transforms';
import type { RunMemory } from '../checkpoint/snapshot.ts';
import { fetchSpans } from '../data/fetch-spans.ts';
import { imageNames } from '../data/image-names.ts';
import { fitGraph } from '../data/fit-graph.ts';
import { imagesShown } from '../data/images-shown.ts';
import { loadExamples, type LoadOptions } from '../data/load-examples.ts';
import { loadTrainingRows } from '../data/load-training-rows.ts';
import { loadImages, normalizedImages } from '../data/load-images.ts';
import { rowRuleOf } from '../data/row-rule.ts';
import { fitImageTower } from '../image/fit-image-tower.ts';
import { leakFigures, warningsOf } from '../leaks/leak-warnings.ts';
import { loneAucs } from '../leaks/lone-aucs.ts';
import { modelCard } from '../model/model-card.ts';
import { warmUpOf } from '../model/warm-up.ts';
import { runEvents } from '../report/tensorboard/run-events.ts';
import { runPage } from '../report/run-page.ts';
import { reportOnRun } from '../report/run-report.ts';
import { defaultBudget, mostValidationRows } from '../search/schedule.ts';
import { searchModel, type SearchOptions, type SearchProgress, type SearchResult } from '../search/search-model.ts';
import type { TrialData } from '../search/trial-data.ts';
import { fetchBefore, type VersionBefore } from '../warm/fetch-before.ts';
import { Beginnings, type ModelBefore } from '../warm/model-before.ts';

export interface TrainServableOptions {
  readonly task: Task;
  readonly spans: readonly SpanRecord[];
  readonly runId: string;
  readonly version: number;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  /** Folder of this attempt alone, with an empty `engine` in it. */
  readonly workDir: string;
  readonly signal: AbortSignal;
  /** The version that trials begin from. */
  readonly before?: VersionBefore;
  /** Told in a sentence how it is trained. */
  readonly onNote: (sentence: string) => void;
  /** What earlier attempts came to. */
  readonly memory: RunMemory;
  /** Told often; what it throws ends the training. */
  readonly onStep: (step: TrainStep, done: number, total: number, figures?: Readonly<Record<string, number>>) => void;
}

/** What a run is at, in this order; `images` where the model takes any. The upload follows. */
export type TrainStep =
  'fetch' | 'fit transforms' | 'images' | 'load' | 'load validation' | 'train' | 'report' | 'export';

/** {@link trainServable}, or what stands for it. */
export type TrainServable = (options: TrainServableOptions) => Promise<TrainedServable>;

export interface TrainedServable {
  /** On local disk, in the work folder. */
  readonly folder: string;
  readonly manifest: ServableManifest;
  /** On the validation rows, calibrated. */
  readonly fitted: { readonly validationLoss: number; readonly validationAuc: number };
}

/**
 * Spans → a servable's folder on local disk, loaded once and compared with the trainer. The same inputs give the same bytes. Throws a
 * `PermanentFailure` where the data or the task gives no model.
 */
export async function trainServable(options: TrainServableOptions): Promise<TrainedServable> {
  const engine = await openExampleEngine({ workDir: join(options.workDir, 'engine') });
  try {
    return await train(options, engine);
  } finally {
    await engine.close();
  }
}

async function train(options: TrainServableOptions, engine: ExampleEngine): Promise<TrainedServable> {
  const { task, spans, store, artifactsUrl, workDir, signal, onStep } = options;
  const fetched = await fetchSpans(store, spans, join(workDir, 'spans'), (done, total) => {
    onStep('fetch', done, total);
  });
  const train = await engine.openParquet(fetched.files.train);
  const validation = await engine.openParquet(fetched.files.validation);
  const { schema, statistics } = fetched;
  const personal = personalOf(task, fetched.personalKey);
  if ((await engine.count(validation)) === 0)
    throw new PermanentFailure(
      'there are no validation rows: give split.validation in the task a longer time or a larger share',
    );
  const { graph, training, plan } = await fitGraph({
    engine,
    train,
    schema,
    statistics,
    task,
    onProgress: (done, total) => {
      onStep('fit transforms', done, total);
    },
  });
  if (graph.fields.length + graph.dense.length === 0 && graph.image === undefined)
    throw new PermanentFailure(
      'no column is left to learn from: each has one value only, or a different one in every row',
    );
  signal.throwIfAborted();
  const named = graph.image === undefined ? undefined : await imageNames(engine, fetched.images);
  const images =
    graph.image === undefined || named === undefined
      ? undefined
      : await loadImages({
          store,
          artifactsUrl,
          digests: named.values(),
          transform: graph.image,
          onProgress: (done, total) => {
            onStep('images', done, total);
          },
        });
  const rule = await rowRuleOf(task, engine, train);
  const load = (relation: typeof train, transform: CompiledTransform, step: TrainStep): LoadOptions => ({
    engine,
    relation,
    transform,
    ...(images === undefined ? {} : { images: images.positions }),
    onProgress: (done, total) => {
      onStep(step, done, total);
    },
  });
  const examples = {
    train: await loadTrainingRows({ ...load(train, training, 'load'), folder: workDir, ...(rule && { rule }) }),
    validation: await loadExamples({
      ...load(validation, new CompiledTransform(graph), 'load validation'),
      limit: mostValidationRows,
    }),
  };
  const search = async (): Promise<{
    readonly leaks: Readonly<Record<string, number>>;
    readonly data: TrialData;
    readonly found: SearchResult;
  }> => {
    const leaks = leakFigures(await loneAucs(graph, examples.train, examples.validation));
    onStep('train', 0, 0, leaks);
    const seen =
      images &&
      graph.image &&
      (await fitImageTower(normalizedImages(images, graph.image), graph.image.size, await imagesShown(examples.train)));
    if (graph.fields.length + graph.dense.length === 0 && seen === undefined)
      throw new PermanentFailure(
        'no column is left to learn from, and the training rows show no two images that differ',
      );
    const progress = ({ step, steps, trial: _trial, ...figures }: SearchProgress): void => {
      onStep('train', step, steps, figures);
    };
    const before = options.before && (await beforeOf(options, options.before));
    const beginnings = before && new Beginnings(before, graph);
    const data: TrialData = { graph, ...examples, ...(seen && { images: seen }), ...(beginnings && { beginnings }) };
    return { leaks, data, found: await searchModel(data, searchOptionsOf(task), signal, progress, options.memory) };
  };
  options.onNote(trainingDevice());
  const { leaks, data, found } = await search().finally(() => examples.train.close());
  for (const { name, beginning } of found.trials) if (beginning !== undefined) options.onNote(`"${name}" ${beginning}`);
  const { spec, weights, look, calibration } = found;
  onStep('report', 0, 0);
  const report = await reportOnRun(data, found);
  onStep('export', 0, 0);
  const served = servingColumns(schema);
  const inputs = served.filter(({ role }) => role !== 'id').map(({ name }) => name);
  const { runId, version } = options;
  const warnings = warningsOf(leaks);
  const byName =
    images && Object.fromEntries([...(named ?? [])].map(([value, sha]) => [value, images.positions.get(sha) ?? 0]));
  const folder = join(workDir, 'servable');
  const manifest = writeServable(folder, {
    head: {
      model: task.name,
      modelVersion: version,
      task: task.name,
      runId,
      spans: spans.map(({ span }) => span),
      roles: rolesOf(task),
      ...personal,
    },
    spec,
    weights,
    calibration,
    transform: graph,
    tables: fetched.tables,
    schema: { version: 1, columns: served },
    ...(images === undefined || byName === undefined ? {} : { images: { byName, pixels: images.pixels } }),
    warmUp: await warmUpOf(engine, validation, inputs, look.logits, calibration),
    ...(task.item === undefined ? {} : { seenItems: await engine.distinct(train, task.item) }),
    modelCard: modelCard({ task, version, runId, spans, graph, plan, found, warnings }),
    extras: runEvents(found.trials),
    report: runPage({ title: `${task.name}, version ${version}`, runId, found, report, warnings }),
  });
  await compareWithTrainer(folder, manifest.digest);
  return { folder, manifest, fitted: { validationLoss: look.loss, validationAuc: look.auc } };
}

/** The model to begin from; undefined, and said, where it is no longer there. */
async function beforeOf(
  { store, workDir, onNote }: TrainServableOptions,
  version: VersionBefore,
): Promise<ModelBefore | undefined> {
  try {
    return await fetchBefore(store, version, join(workDir, 'before'));
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
    onNote(`all models begin anew: version ${version.version} is no longer at ${version.uri}`);
    return undefined;
  }
}

/** A servable that answers otherwise than the trainer does not leave this machine. */
async function compareWithTrainer(folder: string, digest: string): Promise<void> {
  const servable = await openServable(folder, { digest });
  try {
    const { largestDifference } = await servable.validate();
    if (!(largestDifference <= warmUpTolerance))
      throw new PermanentFailure(
        `the servable's answers differ from the trainer's by ${largestDifference}, more than ${warmUpTolerance}`,
      );
  } finally {
    await servable.close();
  }
}

function searchOptionsOf({ training }: Task): SearchOptions {
  const { budget = defaultBudget, seed = 1, batchSize, maxSteps, learningRate } = training;
  return {
    budget,
    seed,
    ...(batchSize !== undefined && { batchSize }),
    ...(maxSteps !== undefined && { maxSteps }),
    ...(learningRate !== undefined && { learningRate }),
  };
}

/** Throws a `PermanentFailure` for spans that were not hashed with a key though the task says so. */
function personalOf({ name, personal }: Task, key: string | undefined): Pick<ServableManifest, 'personal'> {
  const columns: Record<string, PersonalRule> = {};
  for (const column of Object.keys(personal).sort()) {
    const rule = personal[column];
    if (rule !== undefined && rule !== 'drop') columns[column] = rule;
  }
  const hashed = Object.keys(columns).find((column) => columns[column] === 'hash');
  if (hashed !== undefined && key === undefined)
    throw new PermanentFailure(
      `"${hashed}" of task "${name}" is not hashed with a key in the spans to train on: ingest the data again`,
    );
  if (Object.keys(columns).length === 0) return {};
  return { personal: hashed === undefined || key === undefined ? { columns } : { key, columns } };
}

function rolesOf({ id, eventTime, unit, item, image, data }: Task): ServableManifest['roles'] {
  return {
    ...(id === undefined ? {} : { id }),
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(unit === undefined ? {} : { unit }),
    ...(item === undefined ? {} : { item }),
    ...(image === undefined ? {} : { image: image.column }),
    ...(data.zone === undefined ? {} : { zone: data.zone }),
  };
}
