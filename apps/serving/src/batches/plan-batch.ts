import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ArtifactFolder, downloadArtifact } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, ArtifactOutside, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import {
  type ColumnSchema,
  type DataSchema,
  decimalIn,
  lackingColumns,
  takenColumns,
} from '@adstocrat/data-validation';
import { PermanentFailure } from '@adstocrat/event-bus';
import {
  BadData,
  type DataFile,
  type ExampleEngine,
  givenIds,
  idSentence,
  isUnreadable,
  type ListReading,
  NoHeaderLine,
  noHeaderLine,
  scanLists,
  type ScanResult,
  strayCells,
  straySentence,
  UndeclaredArray,
  unlikeTraining,
} from '@adstocrat/example-engine';
import type { TimeFormat } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import type { ServableManifest } from '@adstocrat/servables';
import { arraySeparator, requestTimes, type TransformGraph } from '@adstocrat/transforms';
import { refusedList } from '../infer/list-value.ts';
import { predictionIdName } from '../infer/names.ts';
import type { Batch, BatchStep } from './batch.ts';
import type { BatchWork } from './batch-work.ts';
import type { Shard, StoredFile } from './batch-store.ts';
import type { FailedRow } from './failed-rows.ts';
import { FailureFile } from './failure-file.ts';
import { UnlikeFiles } from './unlike-files.ts';

/** The engine's share of the machine. What is more lies on disk. */
export const batchEngine = { memoryLimit: '1GB', threads: 1 };

/** Reads the files of a batch and writes their rows, typed, as shards. */
export async function planBatch(work: BatchWork, batch: Batch, job: Job<BatchStep>): Promise<void> {
  const { store, sources, batches, places, shardRows } = work;
  const files = await sources.of(batch);
  const workDir = join(work.workDir, `plan-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await work.openEngine({ workDir: join(workDir, 'engine'), ...batchEngine, signal: job.signal });
  try {
    const uri = joinUri(places.batch(batch), `plan-${job.attempt}`);
    await job.output(uri);
    const folder = await ArtifactFolder.begin(store, uri);
    const shards: Shard[] = [];
    const failures = new FailureFile(join(workDir, 'failures.jsonl'));
    const strays: string[] = [];
    const ids: string[] = [];
    let rows = 0;
    const local = await download(work, batch, { files, workDir, job, failures });
    const shape = await shapeOf(store, batch);
    const { hidden, personal: withheld } = shape;
    const unlike = new UnlikeFiles({
      union: (relations) => engine.union(relations),
      unlike: (relation, columns) => unlikeTraining(engine, relation, columns, { hidden, withheld }),
    });
    for await (const scanned of scans(engine, batch, shape, local, failures)) {
      const { file, scan, taken, columns, strays: found, idColumn } = scanned;
      strays.push(...found.map((one) => straySentence(one, shape.personal)));
      for await (const row of rejectsOf(engine, scan)) await failures.add(row);
      const typed = await engine.typed(scan.table, columns, { origin: true });
      const told = idColumn && idSentence(await givenIds(engine, typed, idColumn));
      if (told !== undefined) ids.push(told);
      await unlike.add({ file, rows: scan.rows, typed, taken });
      for (let from = 0; from < scan.rows; from += shardRows) {
        job.signal.throwIfAborted();
        const to = Math.min(scan.rows, from + shardRows);
        const path = `${String(shards.length).padStart(5, '0')}.parquet`;
        await engine.writeParquet(typed, join(workDir, path), { from, to });
        await folder.put(path, join(workDir, path));
        rmSync(join(workDir, path));
        shards.push({ shard: shards.length, path, rows: to - from, before: rows });
        rows += to - from;
        job.report({ step: 'read', done: rows, total: 0, unit: 'rows' });
      }
    }
    await failures.close();
    await folder.put('failures.jsonl', failures.path);
    const rejected = failures.rows;
    const odd = [...unlike.sentences, ...strays, ...ids].slice(0, mostOdd);
    await folder.finish('plan.json', { version: 1 as const, rows, rejected, odd });
    const stored = batch.source === '' ? files : [];
    await job.finish(async (transaction) => {
      if (!(await batches.lockRunning(batch, transaction))) return;
      await batches.planned(batch, { uri, shards, rejected, reasons: failures.reasons, odd }, stored, transaction);
      await work.requestOpen(batch, transaction);
    });
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** What is told of files that could be read. */
const mostOdd = 100;

/** What a version takes. */
interface Shape {
  readonly schema: readonly ColumnSchema[];
  readonly idColumn: string | undefined;
  readonly personal: boolean;
  /** Columns that the version knows pseudonyms of. */
  readonly hidden: ReadonlySet<string>;
  readonly transform: TransformGraph;
  /** Columns whose texts are times. */
  readonly times: ReadonlyMap<string, TimeFormat>;
}

async function shapeOf(store: ArtifactStore, { uri }: Batch): Promise<Shape> {
  const { columns } = await readJson<DataSchema>(store, joinUri(uri, 'data-schema.json'));
  const { roles, personal } = await readJson<ServableManifest>(store, joinUri(uri, 'servable.json'));
  const transform = await readJson<TransformGraph>(store, joinUri(uri, 'transform.json'));
  const times = requestTimes(transform, roles.eventTime);
  const hidden = new Set(Object.keys(personal?.columns ?? {}));
  return { schema: columns, idColumn: roles.id, personal: personal !== undefined, hidden, transform, times };
}

/**
 * Copies the files to local disk. One that is gone, changed since it was listed, or leads out of its folder is a failure where it was
 * stored, an error where it was named.
 */
async function download(
  { sources }: BatchWork,
  batch: Batch,
  {
    files,
    workDir,
    job,
    failures,
  }: {
    readonly files: readonly StoredFile[];
    readonly workDir: string;
    readonly job: Job<BatchStep>;
    readonly failures: FailureFile;
  },
): Promise<readonly DataFile[]> {
  const store = await sources.store(batch);
  const within = sources.folder(batch);
  const local: DataFile[] = [];
  for (const [index, { uri, generation }] of files.entries()) {
    job.signal.throwIfAborted();
    const path = join(workDir, 'files', String(index), basename(uri));
    try {
      await downloadArtifact(store, uri, path, { generation, within });
      local.push({ path, name: uri });
    } catch (error) {
      if (!(error instanceof ArtifactNotFound || error instanceof ArtifactOutside)) throw error;
      if (batch.source !== '') throw new PermanentFailure(`${uri} cannot be read: ${error.message}`, { cause: error });
      await failures.add({ file: uri, line: 0, reason: 'the file is gone, or another one, since it was stored' });
    }
  }
  return local;
}

/**
 * The files, read: those of JSON lines together, each other alone, so that one that is wrong spoils no other: all of its rows failed (one,
 * where it cannot be told how many). Where a source was named a file that is wrong is an error: whoever named it waits to hear of it.
 */
async function* scans(
  engine: ExampleEngine,
  batch: Batch,
  { schema, idColumn, personal, transform, times }: Shape,
  files: readonly DataFile[],
  failures: FailureFile,
) {
  const lines = files.filter(({ name }) => /\.(jsonl|ndjson)(\.|$)/i.test(name));
  const groups = [
    ...(lines.length > 1 ? [lines] : lines.map((file) => [file])),
    ...files.filter((file) => !lines.includes(file)).map((file) => [file]),
  ];
  const isStored = batch.source === '';
  for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
    let rows = 1;
    try {
      const { columns: names } = batch;
      const declared = names.length > 0 && { columns: { names, key: 'columns' } };
      const readingOf = (column: string): ListReading | undefined => {
        // Of what the model does not take it does not matter.
        if (!schema.some(({ name }) => name === column)) return null;
        const separator = arraySeparator(transform, column);
        return separator === undefined && isStored ? { refused: refusedList(column).message } : separator;
      };
      const scan = await scanLists(engine, group, { withheld: personal, isPart: isStored, ...declared }, readingOf);
      const file = group.map(({ name }) => name).join(', ');
      if (scan.rows === 0 && isStored) {
        if (scan.rejects.rows === 0) throw new BadData(`${file} has no rows`);
        for await (const row of rejectsOf(engine, scan)) await failures.add(row);
        continue;
      }
      rows = scan.rows + scan.rejects.rows;
      const given = scan.columns.map(({ name }) => name);
      const lacking = batch.allowMissing ? undefined : lackingColumns({ file, model: batch.model }, schema, given);
      if (lacking !== undefined)
        throw new BadData(`${unnamedIn(scan)}${lacking}. Add them, or allow that they are missing`);
      const taken = takenColumns(schema, given);
      const typedColumn = (column: Pick<ColumnSchema, 'name' | 'type' | 'decimal'>) => {
        const facts = scan.columns.find(({ name }) => name === column.name);
        return { name: column.name, type: column.type, decimal: decimalIn(facts, column) };
      };
      const ids = idColumn === undefined && given.includes(predictionIdName) ? [predictionId] : [];
      if (taken.length + ids.length === 0)
        throw new BadData(`${file} has none of the columns that ${batch.model} takes`);
      const columns = [...taken, ...ids].map(typedColumn);
      const checked = columns.map((column) => ({ ...column, time: times.get(column.name) }));
      const strays = await strayCells(engine, scan, checked);
      const unreadable = strays.filter(isUnreadable);
      if (unreadable.length > 0 && !isStored && !batch.allowMissing)
        throw new BadData(
          `${unreadable.map((one) => straySentence(one, personal)).join('; ')}. Mend that, or allow that values are missing`,
        );
      const named = idColumn ?? predictionIdName;
      const isNamed = columns.some(({ name }) => name === named);
      yield { file, scan, taken, columns, strays, idColumn: isNamed ? named : undefined };
    } catch (error) {
      // An engine without memory says nothing of the file.
      if (!(error instanceof BadData) || /^Out of Memory/.test((error.cause as Error | undefined)?.message ?? ''))
        throw error;
      const { message: reason } = toldAs(error);
      if (!isStored) throw new PermanentFailure(reason, { cause: error });
      if (group.length > 1) groups.unshift(...group.map((one) => [one]));
      else for (const { name } of group) await failures.add({ file: name, line: 0, reason }, rows);
    }
  }
}

/** In the words of who scores rows: what the model was trained by is not theirs to change. */
function toldAs(error: BadData): Error {
  if (error instanceof NoHeaderLine) return unnamed(error.where, error.fields);
  return error instanceof UndeclaredArray ? new BadData(`${error.where}: ${refusedList(error.column).message}`) : error;
}

function unnamed(where: string, fields: number): BadData {
  return new BadData(noHeaderLine(where, fields, 'by columns of the request (predict: --columns)'));
}

/** A sentence where the first line of a scanned file looks like a row. */
function unnamedIn({ files }: ScanResult): string {
  const file = files.find(({ rowAsHeader }) => rowAsHeader !== undefined);
  return file?.rowAsHeader === undefined ? '' : `${unnamed(`${file.name}:1`, file.rowAsHeader).message}. `;
}

const predictionId = { name: predictionIdName, type: 'string' } as const;

async function* rejectsOf(engine: ExampleEngine, { rejects }: ScanResult): AsyncGenerator<FailedRow> {
  for await (const { rows, columns } of engine.batches(rejects.table, { columns: ['file', 'line', 'reason'] }))
    for (let row = 0; row < rows; row += 1)
      yield {
        file: String(columns.get('file')?.values[row]),
        line: Number(columns.get('line')?.values[row]),
        reason: String(columns.get('reason')?.values[row]),
      };
}
