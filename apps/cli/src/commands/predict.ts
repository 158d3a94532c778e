import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openArtifactStore, openExampleEngine, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import {
  type ColumnSchema,
  type DataSchema,
  inferType,
  lackingColumns,
  takenColumns,
} from '@adstocrat/data-validation';
import {
  BadData,
  type ExampleEngine,
  fieldsOf,
  NoHeaderLine,
  noHeaderLine,
  scanLists,
  type ScanResult,
  type TypedColumn,
} from '@adstocrat/example-engine';
import type { Column } from '@adstocrat/examples';
import type { ServableManifest } from '@adstocrat/servables';
import { environmentReader, unpackEnvironment } from '@adstocrat/service-kit';
import { arraySeparator, type TransformGraph } from '@adstocrat/transforms';
import { z } from 'zod';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import { createProgress, type Progress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { inputsOf, predict as predictRows } from '../system/predict-request.ts';
import { failedSentence } from './failed-rows.ts';
import { predictBatch, scoresOf } from './predict-batch.ts';
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
  const lines = async function* (): AsyncGenerator<string> {
    yield 'id,score\n';
    for await (const { ids, scores } of scoresOf(store, engine, outcome, workDir)) yield linesOf(ids, scores);
  };
  await writeWhole(out, lines());
  // What the copy that was read is called is no name that people know.
  const reasons = outcome.reasons.map((one) => ({ ...one, file: options.in }));
  progress.finish(summary(outcome.scored, out, failedSentence(outcome.failed, reasons)));
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
  const { rows: rejected, reasons, first } = scan.rejects;
  for (const { file, line, reason } of first) console.error(`${file}:${line}: ${reason} — no score`);
  if (rejected > first.length) console.error(`${rejected - first.length} more rows have no score`);
  const given = scan.columns.map(({ name }) => name);
  const lacking = lackingColumns({ file: options.in, model: options.model }, schema.columns, given);
  if (lacking !== undefined && options.allowMissing !== true)
    throw new ExitError(1, `${unnamedIn(options, scan)}${lacking}. Add them, or score without them by --allow-missing`);
  const present = takenColumns(schema.columns, given);
  if (present.length === 0) throw new ExitError(1, `${options.in} has none of the columns that ${options.model} takes`);
  const typed = await engine.typed(scan.table, typedColumns(scan, present));
  const idColumn = manifest.roles.id;
  const pace = new Pace();
  let done = 0;
  const lines = async function* (): AsyncGenerator<string> {
    yield 'id,score\n';
    for await (const { rows, columns } of engine.batches(typed, { batchRows: chunkRows })) {
      const ids = idsOf(idColumn === undefined ? undefined : columns.get(idColumn), done, rows);
      // Nobody is shown these rows: they need no prediction ids, and a canary has no part in them.
      const { scores } = await predictRows(system.clients, options.model, inputsOf(columns), {
        log: false,
        label: 'stable',
      });
      yield linesOf(ids, scores);
      done += rows;
      const said = { step: 'predict', done, total: scan.rows, unit: 'rows', rows: 0 };
      progress.update('predict', done, scan.rows, pace.say(said, performance.now()));
    }
  };
  await writeWhole(options.out, lines());
  const ways = reasons.map((way) => ({ ...way.first, rows: way.rows }));
  progress.finish(summary(done, options.out, failedSentence(rejected, ways)));
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

function summary(scored: number, out: string, failed: string): string {
  return `${scored.toLocaleString('en')} rows scored into ${out}${failed}`;
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
  return columns.map(({ name, type }) => {
    const facts = scan.columns.find((column) => column.name === name);
    const decimal = facts === undefined ? '.' : inferType(facts, { tolerate: 1 }).decimal;
    return { name, type, decimal };
  });
}

/** The rows' ids; without an id column their position in the file, from 1. */
function idsOf(column: Column | undefined, before: number, rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = column?.values[row];
    return value == null || Number.isNaN(value) ? String(before + row + 1) : String(value);
  });
}

function linesOf(ids: readonly string[], scores: ArrayLike<number>): string {
  return ids.map((id, row) => `${csvField(id)},${String(scores[row])}\n`).join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
