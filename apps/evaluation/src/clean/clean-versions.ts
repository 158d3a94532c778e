import { randomUUID } from 'node:crypto';
import { folderBytes, ownsArtifacts } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs, Transaction } from '@adstocrat/jobs';
import type { Metadata, VersionRecord } from '@adstocrat/metadata';
import { FailedPrecondition } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { evaluationsOf } from '../evaluation/evaluation-files.ts';
import { neededVersions } from './needed-versions.ts';
import { type JudgedVersion, type Keeping, planClean } from './plan-clean.ts';
import { removeVersionJob } from './remove-version-job.ts';
import { replayMs } from './replay-ms.ts';

export interface CleanParts {
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** The system's milliseconds in one of the wall's. */
  readonly clockSpeed: number;
}

export interface CleanOptions {
  readonly keeping: Omit<Keeping, 'replayMs'>;
  /** System milliseconds back to the oldest prediction that feedback has; 0 where it is not known. */
  readonly predictionsKeptMs: number;
  readonly dryRun: boolean;
}

/** A version that is beyond what is kept, with the bytes of its servable and of its evaluations. */
export interface SizedVersion extends JudgedVersion {
  readonly bytes: number;
}

/** What became of the versions beyond what is kept. */
export interface Cleaned {
  readonly going: readonly SizedVersion[];
  readonly staying: readonly SizedVersion[];
}

/**
 * Removes the files of the versions of every model that nothing needs and that are beyond what is kept; `dryRun`: says which, and does
 * nothing. Records stay and say that their files are gone, from one transaction of a model on, which holds the model's lock and also
 * asks for the removal: nothing puts such a version into service any more, two that clean at once remove it once, and one that is
 * killed leaves nothing behind. Throws {@link FailedPrecondition} where the artifacts are another installation's.
 */
export async function cleanVersions(
  parts: CleanParts,
  { keeping, predictionsKeptMs, dryRun }: CleanOptions,
): Promise<Cleaned> {
  const { metadata, store, artifactsUrl, jobs, logger, clockSpeed } = parts;
  if (!(await ownsArtifacts(store, artifactsUrl, await metadata.installation())))
    throw new FailedPrecondition(`${artifactsUrl} belongs to another installation: clean there`);
  const kept: Keeping = { ...keeping, replayMs: await replayMs(metadata, clockSpeed, predictionsKeptMs) };
  const [going, staying]: [SizedVersion[], SizedVersion[]] = [[], []];
  for (const { name: model } of await metadata.listTasks()) {
    if (!dryRun) await removeAgain(parts, model);
    const plan = await planOf(parts, model, kept);
    for (const one of plan.staying) staying.push(await sized(parts, one));
    const goes: SizedVersion[] = [];
    for (const one of plan.going) goes.push(await sized(parts, one));
    const removed = dryRun
      ? undefined
      : await jobs.transaction((transaction) => remove(parts, transaction, model, kept, goes));
    going.push(...goes.filter(({ record }) => removed?.has(record.version) ?? true));
  }
  if (!dryRun && going.length > 0)
    logger.info({ versions: going.map(({ record }) => record.uri) }, 'versions that nothing needs are removed');
  return { going, staying };
}

/** Asks anew for the removal of files that could not be removed: whose record says that they are gone. */
async function removeAgain(parts: CleanParts, model: string): Promise<void> {
  const { metadata, jobs } = parts;
  for (const record of await metadata.listVersions(model)) {
    const { uri, removedAtMs } = record;
    if (removedAtMs === undefined || (await jobs.get(removeVersionJob, uri))?.state !== 'failed') continue;
    await askRemoval(parts, record, randomUUID());
  }
}

/** Numbers of those that go: planned again under the lock, fewer where another removed or needs one meanwhile. */
async function remove(
  parts: CleanParts,
  transaction: Transaction,
  model: string,
  keeping: Keeping,
  wanted: readonly JudgedVersion[],
): Promise<ReadonlySet<number>> {
  const { metadata, nowMs } = parts;
  const removed = new Set<number>();
  if (wanted.length === 0) return removed;
  await metadata.lockModel(model, transaction);
  const asked = new Set(wanted.map(({ record }) => record.version));
  for (const { record } of (await planOf(parts, model, keeping, transaction)).going) {
    const { version, state, uri } = record;
    if (!asked.has(version)) continue;
    await metadata.updateVersion(model, version, state, { removedAtMs: nowMs() }, transaction);
    await askRemoval(parts, record, `clean/${uri}`, transaction);
    removed.add(version);
  }
  return removed;
}

async function askRemoval(
  { jobs, artifactsUrl }: CleanParts,
  record: VersionRecord,
  by: string,
  transaction?: Transaction,
): Promise<void> {
  const { uri } = record;
  const payload = { uri, evaluations: evaluationsOf(artifactsUrl, record) };
  await jobs.request({ kind: removeVersionJob, key: uri, payload, by }, transaction);
}

/** Every writer of a model's versions holds its lock: beside a transaction that has it, what is committed is what there is. */
async function planOf(
  { metadata, jobs, nowMs }: CleanParts,
  model: string,
  keeping: Keeping,
  transaction?: Transaction,
): Promise<{ readonly going: readonly JudgedVersion[]; readonly staying: readonly JudgedVersion[] }> {
  const versions = await metadata.listVersions(model);
  return planClean(versions, await neededVersions({ metadata, jobs }, model, versions, transaction), keeping, nowMs());
}

async function sized({ store, artifactsUrl }: CleanParts, judged: JudgedVersion): Promise<SizedVersion> {
  const { record } = judged;
  const folders = [record.uri, evaluationsOf(artifactsUrl, record)];
  const [servable, evaluations] = await Promise.all(folders.map((folder) => folderBytes(store, folder)));
  return { ...judged, bytes: (servable ?? 0) + (evaluations ?? 0) };
}
