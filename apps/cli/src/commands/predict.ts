import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openArtifactStore, openExampleEngine, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import {
  type ColumnSchema,
  type DataSchema,
  decimalIn,
  lackingColumns,
  takenColumns,
} from '@adstocrat/data-validation';
import {
  BadData,
  type ExampleEngine,
  fieldsOf,
  givenIds,
  idSentence,
  isUnreadable,
  NoHeaderLine,
  noHeaderLine,
  originColumns,
  scanLists,
  type ScanResult,
  strayCells,
  straySentence,
  type TypedColumn,
} from '@adstocrat/example-engine';
import { type Column, FailureReasons } from '@adstocrat/examples';
import type { ServableManifest } from '@adstocrat/servables';
import { environmentReader, unpackEnvironment } from '@adstocrat/service-kit';
import { arraySeparator, requestTimes, type TransformGraph } from '@adstocrat/transforms';
import { z } from 'zod';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import { createProgress, type Progress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { scoredRows } from '../system/scored-rows.ts';
import { predictBatch, scoresOf } from './predict-batch.ts';
import { nothingScored, type Outcome, sayOutcome } from './predict-outcome.ts';
import { type SystemInUse, systemFor, type SystemChoice } from './system-for.ts';
import { waitUntilServed } from './wait-until-served.ts';
import { assertWritable, writeWhole } from './whole-file.ts';

export interface PredictOptions extends SystemChoice {
  readonly model: string;
  readonly in: string;
  readonly out: string;
  readonly allowMissing?: boolean;
  /** Names of the columns of a CSV without a header line: a record of CSV. */
  readonly columns?: string;
  /** As a batch, whatever the size. */
  readonly batch?: boolean;
}

/** What a command works with that scores a file. */
interface Predicting {
  readonly system: SystemInUse;
  readonly engine: ExampleEngine;
  readonly options: PredictOptions;
  readonly schema: DataSchema;
  readonly manifest: ServableManifest;
  readonly transform: TransformGraph;
  readonly progress: Progress;
  readonly workDir: string;
}

const chunkRows = 512;
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
    for await (const { ids, scores } of scoresOf(store, engine, outcome, workDir)) yield linesOf(ids, scores);
  };
  await writeWhole(out, lines());
  sayOutcome(progress, options, outcome);
}

async function scoreByRequests(predicting: Predicting, path: string): Promise<void> {
  const { system, engine, options, schema, manifest, transform, progress } = predicting;
  const names = columnsOf(options);
  const scan = await scanLists(
    engine,
    [{ path, name: options.in }],
    { ...(names && { columns: { names, key: '--columns' } }) },
    (column) => arraySeparator(transform, column),
  );
  const given = scan.columns.map(({ name }) => name);
  const lacking = lackingColumns({ file: options.in, model: options.model }, schema.columns, given);
  if (lacking !== undefined && options.allowMissing !== true)
    throw new ExitError(1, `${unnamedIn(options, scan)}${lacking}. Add them, or score without them by --allow-missing`);
  const present = takenColumns(schema.columns, given);
  if (present.length === 0) throw new ExitError(1, `${options.in} has none of the columns that ${options.model} takes`);
  const columns = typedColumns(scan, present);
  const odd = await oddIn(predicting, scan, columns);
  const typed = await engine.typed(scan.table, columns, { origin: true });
  const idColumn = manifest.roles.id;
  const ids =
    idColumn !== undefined && given.includes(idColumn)
      ? idSentence(await givenIds(engine, typed, idColumn))
      : undefined;
  if (ids !== undefined) odd.push(ids);
  const failures = new FailureReasons();
  for (const { rows, first } of scan.rejects.reasons) failures.add(first, rows);
  let failed = scan.rejects.rows;
  const pace = new Pace();
  let done = 0;
  const lines = async function* (): AsyncGenerator<string> {
    yield 'id,score\n';
    for await (const { rows, columns } of engine.batches(typed, { batchRows: chunkRows })) {
      const raw = new Map(columns);
      const [files, lines] = Object.values(originColumns).map((name) => raw.get(name)?.values ?? []);
      for (const name of Object.values(originColumns)) raw.delete(name);
      const ids = idsOf(idColumn === undefined ? undefined : columns.get(idColumn), done, rows);
      const scores = await scoredRows(system.clients, options.model, { rows, columns: raw });
      for (const [row, score] of scores.entries())
        if (typeof score === 'string') {
          failures.add({ reason: score, file: String(files?.[row]), line: Number(lines?.[row]) });
          failed += 1;
        }
      yield linesOf(ids, scores);
      done += rows;
      const said = { step: 'predict', done, total: scan.rows, unit: 'rows', rows: 0 };
      progress.update('predict', done, scan.rows, pace.say(said, performance.now()));
    }
  };
  const told = (): Outcome => ({ scored: done + scan.rejects.rows - failed, failed, reasons: failures.list, odd });
  const whole = async function* (): AsyncGenerator<string> {
    yield* lines();
    // Nothing is written then.
    if (told().scored === 0 && failed > 0) throw nothingScored(options, told());
  };
  await writeWhole(options.out, whole());
  sayOutcome(progress, options, told());
}

/** Values that cannot be read, told. Throws where most of a column's cannot, and that is not allowed. */
async function oddIn(
  { engine, options, manifest, transform }: Predicting,
  scan: ScanResult,
  columns: readonly TypedColumn[],
): Promise<string[]> {
  const times = requestTimes(transform, manifest.roles.eventTime);
  const strays = await strayCells(
    engine,
    scan,
    columns.map((column) => ({ ...column, time: times.get(column.name) })),
  );
  const unreadable = strays.filter(isUnreadable);
  if (unreadable.length > 0 && options.allowMissing !== true)
    throw new ExitError(
      1,
      `${unreadable.map((one) => straySentence(one)).join('; ')}. Mend that, or score without them by --allow-missing`,
    );
  return strays.map((one) => straySentence(one));
}

function columnsOf({ columns }: PredictOptions): readonly string[] | undefined {
  return columns === undefined ? undefined : fieldsOf(columns, ',').map((name) => name.trim());
}

function unnamed(options: PredictOptions, fields: number): string {
  return noHeaderLine(`${options.in}:1`, fields, 'by --columns a,b,…');
}

/** A sentence where the first line looks like a row. */
function unnamedIn(options: PredictOptions, { files }: ScanResult): string {
  const fields = files[0]?.rowAsHeader;
  return fields === undefined ? '' : `${unnamed(options, fields)}. `;
}

async function stableServable(
  system: SystemInUse,
  model: string,
): Promise<{ readonly schema: DataSchema; readonly manifest: ServableManifest; readonly transform: TransformGraph }> {
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const deployment = await metadata.currentDeployment(model);
    const stable = deployment?.versions.find(({ version }) => version === deployment.labels['stable']);
    if (stable === undefined) {
      const known = (await metadata.currentDeployments()).map((one) => one.model);
      throw new ExitError(
        1,
        `no model "${model}" is in service${known.length === 0 ? ': train one with `npx adstocrat run`' : `; in service: ${known.join(', ')}`}`,
      );
    }
    const store = await openArtifactStore(system.artifactsUrl);
    return {
      schema: await readJson<DataSchema>(store, joinUri(stable.uri, 'data-schema.json')),
      manifest: await readJson<ServableManifest>(store, joinUri(stable.uri, 'servable.json')),
      transform: await readJson<TransformGraph>(store, joinUri(stable.uri, 'transform.json')),
    };
  } finally {
    await metadata.close();
  }
}

/** The scanned columns that a model takes, each read as ingestion reads it: what is no number is missing. */
function typedColumns(scan: ScanResult, columns: readonly ColumnSchema[]): readonly TypedColumn[] {
  return columns.map((column) => {
    const facts = scan.columns.find(({ name }) => name === column.name);
    return { name: column.name, type: column.type, decimal: decimalIn(facts, column) };
  });
}

/** The rows' ids; without an id column their position in the file, from 1. */
function idsOf(column: Column | undefined, before: number, rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = column?.values[row];
    return value == null || Number.isNaN(value) ? String(before + row + 1) : String(value);
  });
}

/** Of rows that have a score. */
function linesOf(ids: readonly string[], scores: ArrayLike<number | string>): string {
  return ids
    .map((id, row) => (typeof scores[row] === 'string' ? '' : `${csvField(id)},${String(scores[row])}\n`))
    .join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
