import { join } from 'node:path';
import { ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { openExampleEngine } from '@adstocrat/adapters';
import { servingColumns } from '@adstocrat/data-validation';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ExampleEngine } from '@adstocrat/example-engine';
import { openServable, writeServable } from '@adstocrat/inference';
import type { RunRecord, SpanRecord } from '@adstocrat/metadata';
import { type ServableManifest, warmUpTolerance } from '@adstocrat/servables';
import type { StoredImages } from '@adstocrat/stored-images';
import type { Task } from '@adstocrat/tasks';
import { trainingDevice } from '@adstocrat/tensorflow';
import type { TransformPlan } from '@adstocrat/transforms';
import type { RunMemory } from '../checkpoint/snapshot.ts';
import { leakFigures } from '../leaks/leak-warnings.ts';
import { loneAucs } from '../leaks/lone-aucs.ts';
import { modelCard } from '../model/model-card.ts';
import { warmUpOf } from '../model/warm-up.ts';
import { runEvents } from '../report/tensorboard/run-events.ts';
import { runPage } from '../report/run-page.ts';
import { reportOnRun } from '../report/run-report.ts';
import { warningsOf } from './run-warnings.ts';
import { astrayFigures } from '../search/astray-networks.ts';
import type { FitProgress } from '../search/fitted-members.ts';
import { searchModel, type SearchProgress, type SearchResult } from '../search/search-model.ts';
import { searchOptionsOf } from '../search/search-options.ts';
import type { TrialData } from '../search/trial-data.ts';
import { fetchBefore, type VersionBefore } from '../warm/fetch-before.ts';
import { Beginnings, type ModelBefore } from '../warm/model-before.ts';
import { type PrepareStep, prepareData } from './prepare-data.ts';

export interface TrainServableOptions {
  readonly task: Task;
  readonly spans: readonly SpanRecord[];
  readonly runId: string;
  readonly version: number;
  readonly store: ArtifactStore;
  readonly stored: StoredImages;
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

/** What a run is at, in this order. The upload follows. */
export type TrainStep = PrepareStep | `fit ${FitProgress['fit']}` | 'train' | 'report' | 'export';

/** {@link trainServable}, or what stands for it. */
export type TrainServable = (options: TrainServableOptions) => Promise<TrainedServable>;

export interface TrainedServable {
  /** On local disk, in the work folder. */
  readonly folder: string;
  readonly manifest: ServableManifest;
  /** On the validation rows, calibrated. */
  readonly fitted: { readonly validationLoss: number; readonly validationAuc: number };
  /** What was looked into of its columns and chosen, where the task says nothing of them. */
  readonly guesses?: NonNullable<RunRecord['guesses']>;
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
  const { task, spans, workDir, signal, onStep, onNote } = options;
  const prepared = await prepareData(options, engine);
  const { fetched, train, validation, plan, named, images } = prepared;
  const { graph } = prepared.data;
  const search = async (): Promise<{
    readonly leaks: Readonly<Record<string, number>>;
    readonly data: TrialData;
    readonly found: SearchResult;
  }> => {
    const leaks = leakFigures(await loneAucs(graph, prepared.data.train, prepared.data.validation));
    onStep('train', 0, 0, leaks);
    const progress = (told: SearchProgress | FitProgress): void => {
      if ('fit' in told) {
        onStep(`fit ${told.fit}`, told.done, told.total);
        return;
      }
      const { step, steps, trial: _trial, ...figures } = told;
      onStep('train', step, steps, figures);
    };
    const before = options.before && (await beforeOf(options, options.before));
    const data: TrialData = { ...prepared.data, ...(before && { beginnings: new Beginnings(before, graph) }) };
    return { leaks, data, found: await searchModel(data, searchOptionsOf(task), signal, progress, options.memory) };
  };
  onNote(trainingDevice());
  const { leaks, data, found } = await search().finally(() => prepared.data.train.close());
  for (const { name, beginning } of found.trials) if (beginning !== undefined) onNote(`"${name}" ${beginning}`);
  const { look, served: model } = found;
  const astray = astrayFigures(found.astray);
  onStep('report', 0, 0, astray);
  const report = await reportOnRun(data, found);
  onStep('export', 0, 0);
  const served = servingColumns(fetched.schema);
  const inputs = served.filter(({ role }) => role !== 'id').map(({ name }) => name);
  const { runId, version } = options;
  const warnings = warningsOf({ ...leaks, ...astray });
  const byName =
    images && Object.fromEntries([...named].map(([value, sha]) => [value, images.positions.get(sha) ?? 0]));
  const folder = join(workDir, 'servable');
  const manifest = writeServable(folder, {
    head: {
      model: task.name,
      modelVersion: version,
      task: task.name,
      runId,
      spans: spans.map(({ span }) => span),
      roles: rolesOf(task),
      ...(fetched.timeRangeMs && { timeRangeMs: fetched.timeRangeMs }),
      ...prepared.personal,
    },
    spec: model.spec,
    weights: model.weights,
    calibration: model.calibration,
    transform: graph,
    tables: fetched.tables,
    schema: { version: 1, columns: served },
    ...(images === undefined || byName === undefined ? {} : { images: { byName, pixels: images.pixels } }),
    warmUp: await warmUpOf(engine, validation, inputs, model.logits, model.calibration),
    ...(task.item === undefined ? {} : { seenItems: await engine.distinct(train, task.item) }),
    modelCard: modelCard({ task, version, runId, spans, graph, plan, found, warnings }),
    extras: runEvents(found.trials),
    report: runPage({ title: `${task.name}, version ${version}`, runId, found, report, warnings }),
  });
  await compareWithTrainer(folder, manifest.digest);
  return { folder, manifest, fitted: { validationLoss: look.loss, validationAuc: look.auc }, guesses: guessesOf(plan) };
}

function guessesOf({ guessed = new Map() }: TransformPlan): NonNullable<RunRecord['guesses']> {
  return Array.from(guessed, ([column, value]) => ({
    what: JSON.stringify(column),
    value: value.startsWith('left out') ? value : `as ${value}`,
    key: `features.${column}`,
  }));
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
