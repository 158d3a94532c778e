import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifactStore, openExampleEngine } from '@adstocrat/adapters';
import { digestOf, downloadArtifact } from '@adstocrat/artifact-folders';
import { type ArtifactInfo, type ArtifactStore, childUri, joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { EventBus } from '@adstocrat/event-bus';
import {
  BadData,
  type CsvFile,
  type ExampleEngine,
  type Reject,
  type Relation,
  type ScanResult,
  type SplitRule,
} from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import type { Metadata, SpanRecord } from '@adstocrat/metadata';
import { events, topics } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { SpanStatistics } from '@adstocrat/statistics';
import { parseDurationMs, parseShare, parseTask, type Task, TaskError, taskYaml } from '@adstocrat/tasks';
import { checkColumns, checkLabel, checkPersonal } from './data/check-columns.ts';
import { exampleFiles, listData } from './data/find-files.ts';
import { resolveTask } from './data/resolve-task.ts';
import { describeRows, inferSchema, spanColumns } from './span/describe-columns.ts';
import { findAnomalies } from './span/find-anomalies.ts';
import { readTable } from './span/read-table.ts';
import { takeImages } from './span/take-images.ts';
import { writeSpan } from './span/write-span.ts';

export type OnProgress = (step: string, done: number, total: number, unit: string) => void;

export interface IngestRequest {
  readonly taskYaml: string;
  readonly dataUri: string;
}

export interface IngestDependencies {
  readonly metadata: Metadata;
  readonly artifacts: ArtifactStore;
  readonly artifactsUrl: string;
  readonly bus: EventBus;
  readonly workDir: string;
  readonly logger: Logger;
}

/** The version of what this file makes of data: part of the input digest, so that a change of it makes new spans. */
const recipe = 2;

/**
 * Takes the task's data into a span. Data that is a span already (same task, same objects) gives that span. Throws
 * {@link InvalidRequest} where the task or its data is wrong; nothing is left behind then.
 */
export async function ingestSpan(
  dependencies: IngestDependencies,
  request: IngestRequest,
  onProgress: OnProgress,
): Promise<{ readonly span: SpanRecord; readonly alreadyThere: boolean }> {
  const { metadata, artifacts, artifactsUrl, bus, logger } = dependencies;
  const task = readTask(request.taskYaml);
  const source = await openSource(request.dataUri);
  onProgress('list', 0, 0, 'files');
  const leftOut: Reject[] = [];
  const objects = await listData(source, request.dataUri, {
    onLeftOut: (file, reason) => leftOut.push({ file, line: 0, reason }),
  });
  const tables = task.data.tables.map(({ path }) => exampleFiles(objects, request.dataUri, [path]));
  const tableUris = new Set(tables.flat().map(({ uri }) => uri));
  const files = exampleFiles(objects, request.dataUri, task.data.examples).filter(({ uri }) => !tableUris.has(uri));
  const base = task.image === undefined ? undefined : imageBase(request.dataUri, task.image.base);
  const imageObjects =
    base === undefined
      ? []
      : objects.filter(
          ({ uri }) => uri.startsWith(base) && !tableUris.has(uri) && !files.some((file) => file.uri === uri),
        );
  const inputDigest = digestOf({
    recipe,
    task,
    inputs: [...files, ...tables.flat(), ...imageObjects].map(({ uri, bytes, generation }) => [uri, bytes, generation]),
  });
  const known = await metadata.findSpan(task.name, inputDigest);
  if (known !== undefined) {
    // Said again: the event may have been lost with the process that made the span.
    await publishReady(bus, known);
    return { span: known, alreadyThere: true };
  }
  const workDir = join(dependencies.workDir, `ingest-${randomUUID()}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await openExampleEngine({ workDir });
  const startedAtMs = Date.now();
  try {
    const local = await download(source, request.dataUri, [...files, ...tables.flat()], workDir, onProgress);
    const csv = (list: readonly ArtifactInfo[]): readonly CsvFile[] =>
      list.map(({ uri }) => ({ path: local.get(uri) ?? '', name: uri }));
    onProgress('scan', 0, 0, 'rows');
    const scan = await engine.scanCsv(csv(files));
    const tableScans: ScanResult[] = [];
    for (const list of tables) tableScans.push(await engine.scanCsv(csv(list)));
    onProgress('scan', scan.rows, scan.rows, 'rows');
    const keys = task.data.tables.map(({ key }) => key);
    const columns = spanColumns(
      scan.columns,
      tableScans.map(({ columns: facts }) => facts),
      keys,
      task,
    );
    checkColumns(
      task,
      columns.map(({ name }) => name),
    );
    checkPersonal(task, new Set(columns.filter(({ table }) => table !== undefined).map(({ name }) => name)));
    const labelFacts = scan.columns.find(({ name }) => name === task.label);
    if (labelFacts === undefined)
      throw new InvalidRequest(`label: "${task.label}" must be a column of the examples, not of a table`);
    checkLabel(
      task.label,
      (await engine.vocabulary(scan.table, task.label, { limit: 20 })).terms,
      labelFacts,
      scan.rows,
    );
    const resolved = resolveTask(task, scan.columns, scan.rows);
    const rejects: Reject[] = [...scan.rejects, ...tableScans.flatMap((one) => one.rejects)];
    let relation = scan.table;
    for (const [index, one] of tableScans.entries())
      relation = await engine.join(relation, one.table, keys[index] ?? '');
    const raw = columns.filter(({ name }) => name !== task.label && task.personal[name] !== 'drop');
    const hashed = new Set(raw.map(({ name }) => name).filter((name) => task.personal[name] === 'hash'));
    const prepared = await engine.prepare(relation, {
      types: new Map(
        raw.map(({ name, type }) => [name, name === resolved.id || name === resolved.eventTime ? 'string' : type]),
      ),
      label: task.label,
      hashed,
      ...(resolved.id === undefined ? {} : { id: resolved.id }),
      ...(resolved.eventTime === undefined ? {} : { eventTime: resolved.eventTime }),
    });
    rejects.push(...prepared.rejects);
    if (prepared.rows === 0)
      throw new InvalidRequest(
        `no row has a usable label${rejects[0] === undefined ? '' : `; the first: ${rejects[0].file}:${rejects[0].line}: ${rejects[0].reason}`}`,
      );
    const rejectedRows = rejects.length;
    rejects.push(...leftOut);
    const images = await imagesOf(dependencies, engine, source, prepared.table, resolved, base, onProgress);
    rejects.push(...images.rejects);
    onProgress('split', 0, 0, 'rows');
    const parts = await engine.split(images.table, await splitRule(engine, images.table, resolved));
    const trained = raw.map((column) =>
      column.name === resolved.id || column.name === resolved.eventTime || hashed.has(column.name)
        ? { ...column, type: 'string' as const }
        : column,
    );
    const statistics = await describeRows(engine, parts.train, trained, await engine.positives(parts.train), (done) => {
      onProgress('statistics', done, trained.length, 'columns');
    });
    const schema = inferSchema(statistics, trained, resolved, labelFacts.inferred);
    const earlier = (await metadata.listSpans(task.name)).filter(({ kind, ready }) => kind === 'batch' && ready).at(-1);
    const anomalies =
      earlier === undefined
        ? []
        : findAnomalies(
            {
              schema: await readJson<DataSchema>(artifacts, joinUri(earlier.uri, 'data-schema.json')),
              statistics: await readJson<SpanStatistics>(artifacts, joinUri(earlier.uri, 'statistics.json')),
            },
            { schema, statistics },
          );
    onProgress('write', 0, 0, 'files');
    const number = await metadata.reserveSpan(task.name, inputDigest);
    const uri = joinUri(artifactsUrl, 'spans', task.name, String(number));
    const spanTables = await Promise.all(
      tableScans.map((one, index) => readTable(engine, one, task.data.tables[index]?.path ?? '', keys[index] ?? '')),
    );
    const times =
      resolved.eventTime === undefined ? undefined : await engine.moments(images.table, reservedColumns.timeMs);
    const manifest = await writeSpan(engine, artifacts, uri, workDir, {
      parts,
      statistics,
      schema,
      anomalies: anomalies.map(({ message }) => message),
      rejects,
      images: images.digests,
      tables: spanTables,
      rejectedRows,
      rejectedImages: images.rejects.length,
      head: {
        task: task.name,
        span: number,
        kind: 'batch' as const,
        inputDigest,
        ...(times === undefined ? {} : { timeRangeMs: [times.min, times.max] as const }),
        ...(base === undefined ? {} : { imageBaseUri: base }),
      },
    });
    const span: SpanRecord = {
      task: task.name,
      span: number,
      kind: 'batch',
      uri,
      digest: manifest.digest,
      inputDigest,
      trainRows: manifest.rows.train,
      validationRows: manifest.rows.validation,
      testRows: manifest.rows.test,
      rejectedRows,
      images: manifest.images,
      rejectedImages: manifest.rejectedImages,
      anomalies: anomalies.map(({ message }) => message),
      ready: anomalies.every(({ severity }) => severity !== 'error'),
      createdAtMs: Date.now(),
    };
    await metadata.putTask({
      name: task.name,
      yaml: request.taskYaml,
      resolvedYaml: taskYaml(resolved),
      dataUri: request.dataUri,
      updatedAtMs: Date.now(),
    });
    await metadata.putSpan(span);
    await metadata.putExecution({
      id: `ingest/${task.name}/${number}`,
      kind: 'ingest',
      inputDigest,
      inputs: files.map((file) => file.uri),
      outputs: [uri],
      state: 'succeeded',
      facts: { rows: prepared.rows, rejectedRows },
      startedAtMs,
      endedAtMs: Date.now(),
    });
    await publishReady(bus, span);
    logger.info(
      { task: task.name, span: number, rows: prepared.rows, rejectedRows, ms: Date.now() - startedAtMs },
      'span written',
    );
    return { span, alreadyThere: false };
  } catch (error) {
    if (error instanceof BadData) throw new InvalidRequest(error.message, { cause: error });
    throw error;
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

function readTask(yaml: string): Task {
  try {
    return parseTask(yaml, 'task.yaml');
  } catch (error) {
    if (error instanceof TaskError) throw new InvalidRequest(error.message, { cause: error });
    throw error;
  }
}

/** Where the task's images lie: below the data. */
function imageBase(dataUri: string, base: string): string {
  if (/^[./]*$/.test(base) && !base.includes('..')) return joinUri(dataUri, '/');
  const uri = childUri(dataUri, base);
  if (uri === undefined)
    throw new InvalidRequest(`image.base: "${base}" must be a folder below the data, written as a relative path`);
  return `${uri}/`;
}

async function openSource(dataUri: string): Promise<ArtifactStore> {
  try {
    return await openArtifactStore(dataUri);
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidRequest(`data: ${error.message}`, { cause: error });
    throw error;
  }
}

async function download(
  source: ArtifactStore,
  dataUri: string,
  objects: readonly ArtifactInfo[],
  workDir: string,
  onProgress: OnProgress,
): Promise<ReadonlyMap<string, string>> {
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const local = new Map<string, string>();
  let done = 0;
  for (const [index, { uri, generation }] of objects.entries()) {
    const path = join(workDir, `${index}${uri.endsWith('.gz') ? '.csv.gz' : '.csv'}`);
    // The generation that was listed: what is replaced meanwhile is an error, not a mixture.
    await downloadArtifact(source, uri, path, {
      generation,
      within: dataUri,
      onBytes: (bytes) => {
        done += bytes;
        onProgress('download', done, total, 'bytes');
      },
    });
    local.set(uri, path);
  }
  return local;
}

async function imagesOf(
  { artifacts, artifactsUrl }: IngestDependencies,
  engine: ExampleEngine,
  source: ArtifactStore,
  table: Relation,
  task: Task,
  baseUri: string | undefined,
  onProgress: OnProgress,
): Promise<{
  readonly table: Relation;
  readonly digests: ReadonlyMap<string, string>;
  readonly rejects: readonly Reject[];
}> {
  if (task.image === undefined || baseUri === undefined) return { table, digests: new Map(), rejects: [] };
  const values = await engine.distinct(table, task.image.column);
  const { digests, rejects } = await takeImages({
    source,
    sink: artifacts,
    artifactsUrl,
    values,
    baseUri,
    onProgress: (done) => {
      onProgress('images', done, values.length, 'images');
    },
  });
  return { table: await engine.withImages(table, task.image.column, digests), digests, rejects };
}

/** By time where there is an event time: without sizes, the newest fifth of the time is test, the eighth before it validation. */
async function splitRule(engine: ExampleEngine, table: Relation, task: Task): Promise<SplitRule> {
  if (task.split?.by === 'time') {
    if (task.eventTime === undefined) throw new InvalidRequest('split: by time needs an eventTime');
    return {
      by: 'time',
      testMs: parseDurationMs(task.split.test),
      validationMs: parseDurationMs(task.split.validation),
    };
  }
  if (task.split?.by === 'hash' || task.eventTime === undefined) {
    const { test = '20%', validation = '10%' } = task.split?.by === 'hash' ? task.split : {};
    return {
      by: 'hash',
      column: task.unit ?? reservedColumns.id,
      test: parseShare(test),
      validation: parseShare(validation),
    };
  }
  const { min, max } = await engine.moments(table, reservedColumns.timeMs);
  return { by: 'time', testMs: (max - min) * 0.2, validationMs: (max - min) * 0.125 };
}

/** span.ready, where nothing is wrong with it. The same span is the same event. */
export async function publishReady(bus: EventBus, span: SpanRecord, retrainId = ''): Promise<void> {
  if (!span.ready) return;
  const { task, uri, digest, trainRows, validationRows, testRows } = span;
  const kind = span.kind === 'live' ? events.SpanKind.SPAN_KIND_LIVE : events.SpanKind.SPAN_KIND_BATCH;
  const event: events.SpanReady = {
    task,
    span: span.span,
    uri,
    digest,
    kind,
    trainRows,
    validationRows,
    testRows,
    retrainId,
  };
  await bus.publish(topics.spanReady, [
    { id: `span.ready/${task}/${span.span}/${digest}`, key: task, source: 'ingestion', event },
  ]);
}
