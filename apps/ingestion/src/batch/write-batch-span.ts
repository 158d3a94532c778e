import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathBelow } from '@adstocrat/artifact-store';
import type { Job, Jobs } from '@adstocrat/jobs';
import { InvalidRequest } from '@adstocrat/service-kit';
import { sayFolders, unspokenFolders } from '../data/folder-columns.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { PlannedTime } from '../plan/plan-time.ts';
import { planSpan } from '../plan/plan-span.ts';
import { planSplit, timeProbabilities } from '../plan/plan-split.ts';
import { serialDates } from '../plan/serial-dates.ts';
import { checkTolerated } from '../plan/tolerated.ts';
import { doShards, type ShardRun } from '../shards/do-shards.ts';
import { askToEndRun } from '../shards/end-run.ts';
import { fillShard } from '../shards/fill-shard.ts';
import { MergedScans } from '../shards/merged-scans.ts';
import { layoutOf, planShards } from '../shards/plan-shards.ts';
import { scanShard } from '../shards/scan-shard.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import { draftSpan } from '../span/draft-span.ts';
import { readFilled } from '../span/part-folders.ts';
import { readTable } from '../span/read-table.ts';
import { recordSpan } from '../span/record-span.ts';
import { batchSpans } from '../span/schema-of-day.ts';
import type { BatchRequest } from './batch-job.ts';
import { differentRows, exactIds } from './exact-ids.ts';
import { findInput } from './find-input.ts';
import { imageValuesFrom, imagesOf } from './images-of.ts';
import { scanTables } from './scan-tables.ts';
import { stagePlan } from './stage-plan.ts';
import { taskRecord } from './task-record.ts';

/** Spans before the last whose columns are looked at. */
const comparedSpans = 10;

/**
 * Takes the task's data into a span, recorded with the job's end: scans its shards, plans by what all of them hold, fills the shards, and
 * puts together what came of them. Throws {@link InvalidRequest} where the task or its data is wrong or no longer what was asked for, and
 * BadData where a file is: nothing is left behind then.
 */
export async function writeBatchSpan(
  dependencies: IngestDependencies,
  jobs: Pick<Jobs, 'request' | 'live' | 'get'>,
  request: BatchRequest,
  job: Pick<Job<unknown>, 'attempt' | 'signal' | 'report' | 'output' | 'finish' | 'advanced'>,
): Promise<void> {
  const { metadata, logger } = dependencies;
  const startedAtMs = Date.now();
  const onProgress: OnProgress = (step, done, total, unit, rows) => {
    job.signal.throwIfAborted();
    job.report({ step, done, total, unit, ...(rows === undefined ? {} : { rows }) });
  };
  onProgress('list', 0, 0, 'files');
  const input = await findInput(dependencies, request);
  if (input.inputDigest !== request.inputDigest)
    throw new InvalidRequest(
      `the data under ${request.dataUri}, or the key of personal columns, changed after it was asked for: ask again`,
    );
  const workDir = join(dependencies.workDir, `batch-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await dependencies.openEngine({ workDir, signal: job.signal });
  try {
    const tables = await scanTables(dependencies, engine, input, workDir);
    // What nobody may read never leaves this process's disk as it is: such data is one shard.
    const isPersonal = Object.keys(input.task.personal).length > 0;
    const files = isPersonal ? [input.files] : planShards(input.files, dependencies.shardBytes);
    const isPart = files.length > 1;
    const run: ShardRun = { dependencies, jobs, job, run: request.run, layout: layoutOf(files), workDir, onProgress };
    const { taskYaml, dataUri } = request;
    const from = imageValuesFrom(input.task, tables);
    const payload = { taskYaml, dataUri, baseUri: input.baseUri, isPart, distinct: from === undefined ? [] : [from] };
    const folders = await doShards(
      run,
      scanShard,
      files.map((shard) => ({
        payload: { ...payload, files: shard },
        weight: shard.reduce((sum, { bytes }) => sum + bytes, 0),
      })),
      { step: 'scan', unit: 'bytes' },
    );
    const scans = await MergedScans.read(folders);
    const { shards: scanned } = scans;
    const merged = scans.facts(isPersonal);
    const columns = await exactIds(engine, merged.columns, scanned, folders);
    const facts = {
      ...merged,
      columns,
      different: await differentRows(engine, columns, scanned, folders, workDir),
      timesOf: (time: PlannedTime) => scans.timesAt(time, timeProbabilities),
      tables: tables.map(({ scan, key }) => ({ key, columns: scan.columns })),
    };
    const plan = planSpan(input.task, facts);
    const { task } = plan;
    const paths = input.files.map(({ uri }) => pathBelow(input.baseUri, uri));
    const unspoken = unspokenFolders(
      task,
      paths,
      merged.columns.map(({ name }) => name),
    );
    const split = planSplit(task, scans.timesAt(plan.time, timeProbabilities));
    const images = await imagesOf(dependencies, engine, input, { task, from, tables, scanned, folders, onProgress });
    const staged = await stagePlan(dependencies, engine, {
      folder: join(workDir, 'plan'),
      run: request.run,
      attempt: job.attempt,
      isPart,
      plan,
      split: split.rule,
      scanned,
      tables,
      images,
      personalKey: input.personalKey?.id,
    });
    const parts = await doShards(
      run,
      fillShard,
      folders.map((folder, index) => ({
        payload: { scanned: folder.ref, plan: staged, index },
        weight: scanned[index]?.rows ?? 0,
      })),
      { step: 'write', unit: 'rows' },
    );
    const { filled, statistics, rejects: unread } = await readFilled(parts);
    const rejects = [
      scans.rejects(
        await engine.openParquet(await Promise.all(folders.map((folder) => folder.file('rejects.parquet')))),
      ),
      unread.of(await engine.openParquet(await Promise.all(parts.map((folder) => folder.file('rejects.parquet'))))),
    ];
    const rows = filled.reduce((sum, one) => sum + one.rows.train + one.rows.validation + one.rows.test, 0);
    checkTolerated('the examples', rows, rejects, task.data.tolerate);
    rejects.push(...tables.map(({ scan }) => scan.rejects));
    const rejectedRows = rejects.reduce((sum, one) => sum + one.rows, 0);
    const earlier = await batchSpans(dependencies, task.name);
    const span = await draftSpan(
      dependencies,
      engine,
      workDir,
      job,
      {
        task,
        kind: 'batch',
        inputDigest: input.inputDigest,
        parts: parts.map((folder, index) => ({ folder, filled: filled[index] as (typeof filled)[number] })),
        statistics,
        timeRangeMs: split.timeRangeMs,
        columns: plan.columns,
        labelType: plan.labelType,
        before: earlier.at(-1),
        known: earlier.slice(-1 - comparedSpans, -1),
        tables: await Array.fromAsync(tables, ({ scan, path, key }, index) =>
          readTable(
            engine,
            scan.table,
            plan.columns.filter(({ table }) => table === index),
            path,
            key,
          ),
        ),
        rejects: [...rejects, ...(images === undefined ? [] : [images.rejects]), await engine.rejects(input.leftOut)],
        rejectedRows,
        images,
        imageBaseUri: input.imageBaseUri,
        personalKey: input.personalKey?.id,
        notes: [...input.notes, ...sayFolders(unspoken, []), ...plan.notes, ...split.notes],
        told: plan.told,
        guesses: [...plan.guesses, ...split.guesses],
        findings: [...plan.findings, ...split.findings, ...serialDates(statistics.columns, task)],
      },
      onProgress,
    );
    const counted = { rows, rejectedRows };
    await job.finish(async (transaction) => {
      await metadata.putTask(taskRecord(request, task), transaction);
      const inputs = input.files.map(({ uri }) => uri);
      await recordSpan(metadata, transaction, span, { inputs, facts: counted, startedAtMs });
      if (isPart) await askToEndRun(jobs, request.run, transaction);
      return { span: span.span };
    });
    logger.info({ task: task.name, span: span.span, ...counted, ms: Date.now() - startedAtMs }, 'span written');
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}
