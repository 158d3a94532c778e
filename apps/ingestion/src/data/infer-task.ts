import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathBelow } from '@adstocrat/artifact-store';
import { BadData, type ExampleEngine, NoHeaderLine, noHeaderLine, type ScanResult } from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { JobProgress } from '@adstocrat/jobs';
import { commentedYaml, parseShare, Task, toleratedByDefault } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { type Guess, guessesOf } from '../plan/guesses.ts';
import { inferId } from '../plan/plan-id.ts';
import { hashGuess } from '../plan/plan-split.ts';
import { planTime } from '../plan/plan-time.ts';
import { sayFiles } from '../plan/say-files.ts';
import { checkColumns } from './check-columns.ts';
import { downloadListed } from './download-listed.ts';
import { firstLine } from './first-line.ts';
import { isHidden } from './glob.ts';
import { globsOf } from './globs-of.ts';
import type { HeldFiles } from './held-files.ts';
import { imageColumn, imageLike, type SampledColumn } from './image-column.ts';
import { type OpenData, openData } from './open-data.ts';
import { labelByNumber, scanUnnamed } from './scan-unnamed.ts';
import { type ScannedTable, shardsAmong, type UnreadTable } from './shards-among.ts';
import { isTable } from './table-file.ts';
import { joinKey } from './tables-to-join.ts';
import { arraysOf, sayArrays } from './scan-arrays.ts';
import { taskName } from './task-name.ts';

export interface InferredTask {
  /** With comments for whoever reviews it. */
  readonly taskYaml: string;
  /** What was left out, what was guessed. */
  readonly notes: readonly string[];
  /** What of it was guessed, each with its key. */
  readonly guesses: readonly Guess[];
}

/** Values of a column that are looked at to tell whether it names images. */
const sampledValues = 200;

/**
 * Looks at data and writes a task for it. Files that have the label are examples; another one is a table where {@link joinKey} finds
 * a column to join it by; an image column is one whose values name images that are there. Throws {@link InvalidRequest} where
 * no file has the label.
 */
export async function inferTask(
  { openStore, openEngine, workDir, held }: Pick<IngestDependencies, 'openStore' | 'openEngine' | 'workDir' | 'held'>,
  request: { readonly dataUri: string; readonly label: string; readonly name: string },
  onProgress: (progress: JobProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InferredTask> {
  const { dataUri } = request;
  onProgress({ step: 'look', done: 0, total: 0, unit: 'files' });
  const data = await openData(openStore, dataUri);
  const folder = join(workDir, `infer-${randomUUID()}`);
  const engine = await openEngine({ workDir: folder, ...(signal && { signal }) });
  try {
    const { scans, unread } = await scanTables(engine, data, folder, {
      held,
      label: request.label,
      onProgress,
      signal,
    });
    const notes: string[] = [];
    const { task, largest } = await describeData(engine, data, { scans, unread }, { ...request, notes });
    const told = resolved(task, largest.scan);
    const { columns } = told.task.data;
    if (columns !== undefined)
      notes.push(
        `no header line: the columns are called by their numbers; call them as you like: what clients send is called so (data.columns)`,
      );
    notes.push(...told.notes);
    const written = Task.parse({
      name: told.task.name,
      data: { examples: told.task.data.examples },
      label: told.task.label,
    });
    const guesses = [
      ...(request.name === '' ? [{ what: 'name', value: told.task.name, key: 'name' }] : []),
      ...guessesOf(written, { task: told.task, files: largest.scan.files }),
      ...(told.task.split === undefined ? [] : [hashGuess()]),
    ];
    return { taskYaml: commentedYaml(told.task, { notes, guesses: atKeys(guesses) }), notes, guesses };
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    const advice = error instanceof NoHeaderLine ? `; ${labelByNumber}` : '';
    throw new InvalidRequest(`${error.message}${advice}`, { cause: error });
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A sentence for each key of task.yaml that something was guessed at or below. */
function atKeys(guesses: readonly Guess[]): Readonly<Record<string, string>> {
  const byKey = Map.groupBy(guesses, ({ key }) => key.split('.')[0] ?? key);
  return Object.fromEntries(
    [...byKey].map(([key, ofKey]) => [
      key,
      `guessed: ${ofKey.map(({ what, value }) => `${what} ${value}`).join(', ')}`,
    ]),
  );
}

/** Throws BadData where no file can be read. */
async function scanTables(
  engine: ExampleEngine,
  { store, uri, objects, onlyFile }: OpenData,
  folder: string,
  options: {
    readonly held: HeldFiles;
    readonly label: string;
    readonly onProgress: (progress: JobProgress) => void;
    readonly signal: AbortSignal | undefined;
  },
): Promise<{ readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] }> {
  const tables =
    onlyFile === undefined
      ? objects.filter((object) => isTable(object.uri) && !isHidden(pathBelow(uri, object.uri)))
      : [onlyFile];
  if (tables.length === 0)
    throw new InvalidRequest(
      `there is no .csv, .tsv, .jsonl, .ndjson or .parquet under ${uri}: where files of rows are called otherwise, name them in a task.yaml (data.examples: ['*.txt'])`,
    );
  const { held, label, onProgress, signal } = options;
  const total = tables.reduce((sum, { bytes }) => sum + bytes, 0);
  const seen = { bytes: 0, rows: 0 };
  const scans: ScannedTable[] = [];
  const unread: UnreadTable[] = [];
  for (const [index, object] of tables.entries()) {
    signal?.throwIfAborted();
    const path = join(folder, String(index));
    onProgress({ step: 'look', done: seen.bytes, total, unit: 'bytes', rows: seen.rows });
    await downloadListed(store, object, path, { within: uri });
    held.hold(object, path);
    try {
      const found = await scanUnnamed(engine, { path, name: object.uri }, label, {
        onProgress: ({ bytes, rows }) => {
          onProgress({ step: 'look', done: seen.bytes + bytes, total, unit: 'bytes', rows: seen.rows + rows });
        },
      });
      seen.rows += found.scan.rows;
      scans.push({ path: pathBelow(uri, object.uri), ...found });
    } catch (error) {
      if (!(error instanceof BadData)) throw error;
      unread.push({ path: pathBelow(uri, object.uri), line: firstLine(path), error });
    }
    seen.bytes += object.bytes;
  }
  const [first] = unread;
  if (scans.length === 0 && first !== undefined) throw first.error;
  return { scans, unread };
}

/** What the files are to each other. Throws {@link InvalidRequest} where none has the label, and for a shard without a header. */
async function describeData(
  engine: ExampleEngine,
  { uri, objects, onlyFile }: OpenData,
  { scans, unread }: { readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] },
  request: { readonly dataUri: string; readonly label: string; readonly name: string; readonly notes: string[] },
): Promise<{ readonly task: Task; readonly largest: ScannedTable }> {
  const { label, notes } = request;
  const namesOf = ({ path, scan }: ScannedTable) => ({ path, names: scan.columns.map(({ name }) => name) });
  const named = scans.filter((one) => namesOf(one).names.includes(label));
  const [largest] = named.toSorted((a, b) => b.scan.rows - a.scan.rows);
  if (largest === undefined) {
    const unnamed = unread.find(({ error }) => error instanceof NoHeaderLine);
    if (unnamed !== undefined) throw unnamed.error;
    const files = scans.flatMap(({ scan }) => scan.files);
    const headless = files.find(({ rowAsHeader }) => rowAsHeader !== undefined);
    if (headless !== undefined)
      throw new InvalidRequest(
        `label: the data has no column "${label}"\n${noHeaderLine(`${headless.name}:1`, headless.rowAsHeader ?? 0)}; ${labelByNumber}`,
      );
    const columns = [...new Set(scans.flatMap((one) => namesOf(one).names))];
    checkColumns(Task.parse({ name: 'x', data: { examples: ['*'] }, label }), columns);
    throw new InvalidRequest(`no file under ${uri} has the column "${label}"`);
  }
  const note = (sentence: string): void => {
    notes.push(sentence);
  };
  const tables: { path: string; key: string }[] = [];
  const { examples, others, unrelated } = await shardsAmong(engine, largest, { scans, unread }, label);
  for (const one of others) {
    if (one.numbered !== undefined) {
      note(`left out: ${one.path} has no header line: to join it, name its columns in data.tables`);
      continue;
    }
    const known = (column: string): Promise<number> => knownShare(engine, largest.scan, one.scan, column);
    const key = await joinKey({ path: one.path, ...one.scan }, largest.scan, known, note);
    if (key !== undefined) tables.push({ path: one.path, key });
  }
  for (const { path, error } of unrelated) note(`left out: ${path} cannot be read: ${error.message}`);
  const paths = examples.map(({ path }) => path);
  const image = await findImages(engine, largest.scan, {
    label,
    paths: objects.map((one) => pathBelow(uri, one.uri)),
    note,
  });
  const task = Task.parse({
    name: taskName(request.name, request.dataUri),
    data: {
      examples:
        onlyFile === undefined
          ? globsOf(
              paths,
              [...others, ...unrelated].map(({ path }) => path),
            )
          : paths,
      tables,
      ...(largest.numbered && { columns: largest.numbered }),
    },
    label,
    ...(image === undefined ? {} : { image }),
    features: arraysOf(examples),
  });
  for (const sentence of sayArrays(task.features)) note(sentence);
  return { task, largest };
}

/** Share of a column's distinct values among the examples that the table has. */
async function knownShare(
  engine: ExampleEngine,
  examples: ScanResult,
  table: ScanResult,
  column: string,
): Promise<number> {
  const wanted = await engine.distinct(examples.table, column);
  const known = new Set(await engine.distinct(table.table, column));
  return wanted.filter((value) => known.has(value)).length / wanted.length;
}

async function findImages(
  engine: ExampleEngine,
  { table, columns }: ScanResult,
  options: { readonly label: string; readonly paths: readonly string[]; readonly note: (sentence: string) => void },
) {
  const sampled: SampledColumn[] = [];
  for (const { name, cells } of columns.filter(({ name }) => name !== options.label)) {
    if (cells.text === 0) continue;
    const { terms } = await engine.vocabulary(table, name, { limit: sampledValues });
    sampled.push({ name, values: terms.map(({ value }) => value) });
  }
  const image = imageColumn(sampled, options.paths);
  const [named] = imageLike(sampled);
  if (image === undefined && named !== undefined)
    options.note(
      `no images: "${named.name}" seems to name some, as ${JSON.stringify(named.values[0])}, and none is there; lay them below the data`,
    );
  return image;
}

/** The task with what the data tells of its event time, its id and its split. */
function resolved(
  task: Task,
  { columns, rows, files }: ScanResult,
): { readonly task: Task; readonly notes: readonly string[] } {
  const { time, notes } = planTime(task, columns, rows, parseShare(toleratedByDefault));
  const timed = time === undefined ? task : { ...task, eventTime: time.column, timeFormat: time.format };
  const id = inferId(timed, columns);
  return {
    task: {
      ...timed,
      ...(id === undefined ? {} : { id: id.column }),
      ...(time === undefined ? { split: { by: 'hash', test: '20%', validation: '10%' } } : {}),
    },
    notes: [...sayFiles(task, files), ...notes, ...(id?.notes ?? [])],
  };
}
