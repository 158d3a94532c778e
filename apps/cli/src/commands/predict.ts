import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { openArtifactStore, openExampleEngine, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import { BadData } from '@adstocrat/example-engine';
import { type Column, type ColumnarBatch, columnOf } from '@adstocrat/examples';
import type { ServableManifest } from '@adstocrat/servables';
import { ExitError } from '../exit-error.ts';
import { createProgress } from '../progress.ts';
import { Home } from '../system/home.ts';
import { inputsOf, predict as predictRows } from '../system/predict-request.ts';
import { type SystemInUse, systemFor, type SystemChoice } from './system-for.ts';
import { waitUntilServed } from './wait-until-served.ts';
import { assertColumns, takenColumns } from './wanted-columns.ts';
import { assertWritable, writeWhole } from './whole-file.ts';

export interface PredictOptions extends SystemChoice {
  readonly model: string;
  readonly in: string;
  readonly out: string;
  readonly allowMissing?: boolean;
}

const chunkRows = 512;

/** Rows in (CSV), `id,score` out, through the serving code. Writes the whole file or none. */
export async function predict(options: PredictOptions): Promise<void> {
  const input = resolve(options.in);
  const facts = statSync(input, { throwIfNoEntry: false });
  if (facts === undefined) throw new ExitError(2, `no such file: ${options.in}`);
  if (!facts.isFile()) throw new ExitError(2, `${options.in} is no file: name a CSV with --in`);
  assertWritable(options.out);
  await using system = await systemFor(options);
  const { schema, manifest } = await stableServable(system, options.model);
  await waitUntilServed(system.clients, options.model);
  const progress = createProgress();
  const workDir = new Home(options.home).path('work', 'predict');
  mkdirSync(workDir, { recursive: true });
  const engine = await openExampleEngine({ workDir });
  try {
    const scan = await engine.scanCsv([{ path: input, name: options.in }]);
    for (const reject of scan.rejects) console.error(`${reject.file}:${reject.line}: ${reject.reason} — no score`);
    const given = scan.columns.map(({ name }) => name);
    if (options.allowMissing !== true) assertColumns({ file: options.in, model: options.model }, schema.columns, given);
    const present = takenColumns(schema.columns, given);
    if (present.length === 0)
      throw new ExitError(1, `${options.in} has none of the columns that ${options.model} takes`);
    const idColumn = manifest.roles.id;
    let done = 0;
    const lines = async function* (): AsyncGenerator<string> {
      yield 'id,score\n';
      for await (const batch of engine.batches(scan.table, {
        columns: present.map((column) => column.name),
        batchRows: chunkRows,
      })) {
        const columns = new Map(present.map((column) => [column.name, typed(batch, column.name, column.type)]));
        const ids = idsOf(idColumn === undefined ? undefined : columns.get(idColumn), done, batch.rows);
        // Nobody is shown these rows: they need no prediction ids, and a canary has no part in them.
        const { scores } = await predictRows(system.clients, options.model, inputsOf(columns), {
          log: false,
          label: 'stable',
        });
        yield ids.map((id, row) => `${csvField(id)},${String(scores[row])}\n`).join('');
        done += batch.rows;
        progress.update('predict', done, scan.rows);
      }
    };
    await writeWhole(options.out, lines());
    progress.finish(`${done.toLocaleString('en')} rows scored into ${options.out}`);
  } catch (error) {
    if (error instanceof BadData) throw new ExitError(1, error.message, { cause: error });
    throw error;
  } finally {
    await engine.close();
  }
}

async function stableServable(
  system: SystemInUse,
  model: string,
): Promise<{ readonly schema: DataSchema; readonly manifest: ServableManifest }> {
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
    };
  } finally {
    await metadata.close();
  }
}

/** A scanned column, all text, as the schema types it. What is no number is missing. */
function typed(batch: ColumnarBatch, name: string, type: Column['type']): Column {
  const column = batch.columns.get(name);
  if (column === undefined) throw new ExitError(1, `column ${name} vanished between scan and read`);
  if (type === 'string' || column.type !== 'string') return column;
  return columnOf(type, column.values);
}

/** The rows' ids; without an id column their position in the file, from 1. */
function idsOf(column: Column | undefined, before: number, rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, row) => {
    const value = column?.values[row];
    return value == null || Number.isNaN(value) ? String(before + row + 1) : String(value);
  });
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
