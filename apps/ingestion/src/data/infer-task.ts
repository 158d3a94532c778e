import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import {
  BadData,
  type ExampleEngine,
  NoHeaderLine,
  noHeaderLine,
  type ScanResult,
  type TermCount,
} from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { JobProgress } from '@adstocrat/jobs';
import { QuantileSketch } from '@adstocrat/statistics';
import { commentedYaml, parseShare, Task, toleratedByDefault } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { TimesOf } from '../plan/event-times.ts';
import { type Guess, guessesOf } from '../plan/guesses.ts';
import { decimalCommas, planColumns } from '../plan/plan-columns.ts';
import { inferId } from '../plan/plan-id.ts';
import { planLabel, UnclearLabel } from '../plan/plan-label.ts';
import { hashGuess, timeProbabilities } from '../plan/plan-split.ts';
import { planTime, timeFormatsOf } from '../plan/plan-time.ts';
import { copiesAmong, mayRepeat } from '../plan/repeated-rows.ts';
import { sayColumns } from '../plan/say-columns.ts';
import { sayFiles } from '../plan/say-files.ts';
import type { SpanFacts } from '../plan/span-facts.ts';
import { checkColumns } from './check-columns.ts';
import { downloadListed } from './download-listed.ts';
import { folderCells } from './folder-cells.ts';
import { areDaysOf, areWordsOf, type FolderColumn, folderColumns, sayFolders } from './folder-columns.ts';
import { firstLine } from './first-line.ts';
import { isHidden } from './glob.ts';
import { globsOf } from './globs-of.ts';
import type { HeldFiles } from './held-files.ts';
import { imageColumn, imageLike, type SampledColumn } from './image-column.ts';
import { type OpenData, openData } from './open-data.ts';
import { sayTableFormats } from './left-out.ts';
import { labelByNumber, scanUnnamed } from './scan-unnamed.ts';
import { type ScannedTable, shardsAmong, type UnreadTable } from './shards-among.ts';
import { isTable } from './table-file.ts';
import { takenColumn } from './check-joined.ts';
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
/** Different values of a label that are looked at. */
const labelValues = 1000;

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
    const notes: string[] = [...sayTableFormats(data.objects.map(({ uri }) => pathBelow(data.uri, uri)))];
    const described = await describeData(engine, data, { scans, unread }, { ...request, notes });
    const { task, largest, labels } = described;
    const { facts, told, folders } = await factsWithFolders(engine, described);
    notes.push(...sayFolders(described.folders, folders));
    const read = planColumns(told.task, { ...facts, tables: [] }, parseShare(toleratedByDefault));
    const { columns } = told.task.data;
    if (columns !== undefined)
      notes.push(
        `no header line: the columns are called by their numbers; call them as you like: what clients send is called so (data.columns)`,
      );
    notes.push(...told.notes, ...read.notes, ...read.findings);
    const question = await labelQuestion(engine, task, largest.scan, labels);
    if (question !== undefined) notes.push(question.asks);
    const written = Task.parse({
      name: told.task.name,
      data: { examples: told.task.data.examples },
      label: told.task.label,
    });
    const guesses = [
      ...(request.name === '' ? [{ what: 'name', value: told.task.name, key: 'name' }] : []),
      ...guessesOf(written, { task: told.task, files: largest.scan.files, decimal: decimalCommas(read.columns) }),
      ...(folders.length === 0
        ? []
        : [{ what: 'columns that names of folders say', value: folders.join(', '), key: 'data.folders' }]),
      ...(told.task.split === undefined ? [] : [hashGuess()]),
    ];
    const atKey = atKeys(guesses);
    const features = [...(atKey['features'] ?? []), ...sayColumns(read.columns, told.task)];
    return {
      taskYaml: commentedYaml(told.task, {
        notes,
        guesses: { ...atKey, features, ...(question && { label: question.lines }) },
      }),
      notes,
      guesses,
    };
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
function atKeys(guesses: readonly Guess[]): Readonly<Record<string, readonly string[]>> {
  const byKey = Map.groupBy(guesses, ({ key }) => key.split('.')[0] ?? key);
  return Object.fromEntries(
    [...byKey].map(([key, ofKey]) => [
      key,
      [`guessed: ${ofKey.map(({ what, value }) => `${what} ${value}`).join(', ')}`],
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
  if (tables.length === 0) throw noFileOfRows(uri, objects);
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
      const cells = onlyFile === undefined ? folderCells(pathBelow(uri, object.uri)) : new Map<string, string | null>();
      const found = await scanUnnamed(engine, { path, name: object.uri, cells }, label, {
        onProgress: ({ bytes, rows }) => {
          onProgress({ step: 'look', done: seen.bytes + bytes, total, unit: 'bytes', rows: seen.rows + rows });
        },
      });
      seen.rows += found.scan.rows;
      scans.push({ path: pathBelow(uri, object.uri), ...ownColumns(found, label), cells });
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

/** A scan without the columns that only folders name, but for the label; and those. */
function ownColumns<S extends { readonly scan: ScanResult }>(
  found: S,
  label: string,
): S & { readonly folderColumns: ScanResult['columns'] } {
  const given = new Set(found.scan.files.flatMap((file) => file.given ?? []));
  const { columns } = found.scan;
  return {
    ...found,
    scan: { ...found.scan, columns: columns.filter(({ name }) => name === label || !given.has(name)) },
    folderColumns: columns.filter(({ name }) => given.has(name)),
  };
}

/** A folder of which no file is called as files of rows are. */
function noFileOfRows(uri: string, objects: OpenData['objects']): InvalidRequest {
  const others = objects.filter((object) => !isHidden(pathBelow(uri, object.uri)));
  // `_SUCCESS` and the like say something of the others.
  const other = others.find((object) => !nameOf(object).startsWith('_')) ?? others[0];
  const advice =
    other === undefined
      ? ''
      : `: where one is called otherwise, name it, as in --data ${other.uri}; several of them are named by data.examples of a task.yaml, as ['${globLike(nameOf(other))}']`;
  return new InvalidRequest(`there is no .csv, .tsv, .jsonl, .ndjson or .parquet under ${uri}${advice}`);
}

function nameOf({ uri }: ArtifactInfo): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** What is called as a file is but for how it begins or counts: `*.json`, `part-*`. */
function globLike(name: string): string {
  const ending = /(?:\.[A-Za-z]\w*)+$/.exec(name)?.[0];
  return ending === undefined || ending === name ? `${name.replace(/\d.*$/s, '')}*` : `*${ending}`;
}

/** Whether a file with the label has at most half of the columns of the largest: predictions to hand in, say. */
function isFragment({ scan }: ScannedTable, { scan: { columns } }: ScannedTable): boolean {
  const names = new Set(columns.map(({ name }) => name));
  return 2 * scan.columns.length <= columns.length && scan.columns.every(({ name }) => names.has(name));
}

/** Whether a file has all columns of the examples but the label: three at least, as one or two may be a table's. */
function isToPredict(names: readonly string[], examples: readonly string[], label: string): boolean {
  const others = examples.filter((name) => name !== label);
  return others.length >= 3 && !names.includes(label) && others.every((name) => names.includes(name));
}

interface DescribedData {
  readonly task: Task;
  readonly largest: ScannedTable;
  readonly folders: readonly FolderColumn[];
  /** The label's values, where folders say it: no file shows more than one. */
  readonly labels?: { readonly terms: readonly TermCount[]; readonly distinct: number };
}

function labelsOfFolders(files: readonly ScannedTable[], label: string): NonNullable<DescribedData['labels']> {
  const counts = new Map<string, number>();
  for (const { cells, scan } of files) {
    const value = cells.get(label);
    if (value != null) counts.set(value, (counts.get(value) ?? 0) + scan.rows);
  }
  return { terms: [...counts].map(([value, count]) => ({ value, count })), distinct: counts.size };
}

/** What the files are to each other. Throws {@link InvalidRequest} where none has the label, and for a shard without a header. */
async function describeData(
  engine: ExampleEngine,
  { uri, objects, onlyFile }: OpenData,
  { scans, unread }: { readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] },
  request: { readonly dataUri: string; readonly label: string; readonly name: string; readonly notes: string[] },
): Promise<DescribedData> {
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
  const joined = [namesOf(largest)];
  const fragments = named.filter((one) => isFragment(one, largest));
  for (const { path, scan } of fragments)
    note(
      `left out: ${path} has the label, and ${scan.columns.length} of the ${largest.scan.columns.length} columns of ${largest.path}: no rows to learn from (data.examples names the files that are read)`,
    );
  const rest = scans.filter((one) => !fragments.includes(one));
  const { examples, others, unrelated } = await shardsAmong(engine, largest, { scans: rest, unread }, label);
  for (const one of others) {
    if (one.numbered !== undefined) {
      note(`left out: ${one.path} has no header line: to join it, name its columns in data.tables`);
      continue;
    }
    if (isToPredict(namesOf(one).names, namesOf(largest).names, label)) {
      note(
        `left out: ${one.path} has the columns of the examples but "${label}": rows to predict, once there is a model (npx adstocrat predict); data.examples names the files that are read`,
      );
      continue;
    }
    const known = (column: string): Promise<number> => knownShare(engine, largest.scan, one.scan, column);
    const key = await joinKey({ path: one.path, ...one.scan }, largest.scan, known, note);
    if (key === undefined) continue;
    const taken = takenColumn(namesOf(one).names, key, joined);
    if (taken === undefined) {
      tables.push({ path: one.path, key });
      joined.push(namesOf(one));
    } else
      note(
        `left out: ${one.path} has the column "${taken.column}", as ${taken.path} has: to join it, rename one of them, then data: {tables: [{path: ${JSON.stringify(one.path)}, key: ${JSON.stringify(key)}}]}`,
      );
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
              [...others, ...unrelated, ...fragments].map(({ path }) => path),
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
  const folders = folderColumns(examples);
  const isFoldered = folders.some(({ name }) => name === label);
  return { task, largest, folders, ...(isFoldered && { labels: labelsOfFolders(examples, label) }) };
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
    if (cells.text + cells.written === 0) continue;
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

/** What only whoever brings the data can say of its label, and the key that says it, as lines of a comment. Undefined where it is plain. */
async function labelQuestion(
  engine: ExampleEngine,
  task: Task,
  { table, columns }: ScanResult,
  known: DescribedData['labels'],
): Promise<{ readonly asks: string; readonly lines: readonly string[] } | undefined> {
  try {
    const labels = known ?? (await engine.vocabulary(table, task.label, { limit: labelValues }));
    const { empty } = columns.find(({ name }) => name === task.label)?.cells ?? { empty: 0 };
    planLabel(task, labels, parseShare(toleratedByDefault), empty);
  } catch (error) {
    if (!(error instanceof UnclearLabel)) throw error;
    const asks = error.message;
    return { asks, lines: [asks, error.line] };
  }
  return undefined;
}

/** What a span's plan asks of rows, beyond their cells. */
async function factsOf(
  engine: ExampleEngine,
  task: Task,
  { table, columns, rows, files }: ScanResult,
): Promise<Pick<SpanFacts, 'columns' | 'rows' | 'files' | 'different' | 'timesOf'>> {
  const names = columns.map(({ name }) => name).toSorted();
  const different = mayRepeat(task, columns, false)
    ? await engine.countDistinct(await engine.hashRows(table, names), 'h')
    : undefined;
  const times = new Map<string, readonly number[]>();
  for (const time of timeFormatsOf(task, columns)) {
    const sketch = QuantileSketch.from([await engine.times(table, time)]);
    if (sketch.count > 0) times.set(JSON.stringify([time.column, time.format]), sketch.quantiles(timeProbabilities));
  }
  const timesOf: TimesOf = ({ column, format }) => times.get(JSON.stringify([column, format])) ?? [];
  return { columns, rows, files, different, timesOf };
}

/**
 * What the largest file tells, with columns that its folders say: the label, words that rows may be told by, and days where nothing else says
 * when an event happened. `folders`: those columns.
 */
async function factsWithFolders(
  engine: ExampleEngine,
  { task, largest, folders }: DescribedData,
): Promise<{
  readonly facts: Awaited<ReturnType<typeof factsOf>>;
  readonly told: ReturnType<typeof resolved>;
  readonly folders: readonly string[];
}> {
  const others = folders.filter(({ name }) => name !== task.label);
  const words = others.filter(areWordsOf).map(({ name }) => name);
  const days = others.filter(areDaysOf).map(({ name }) => name);
  const alongside = (names: readonly string[]): ScanResult => ({
    ...largest.scan,
    columns: [...largest.scan.columns, ...largest.folderColumns.filter(({ name }) => names.includes(name))],
  });
  const all = await factsOf(engine, task, alongside([...words, ...days]));
  let read = words;
  let told = resolved(task, { ...all, columns: alongside(read).columns });
  if (told.task.eventTime === undefined && days.length > 0) {
    const timed = resolved(task, all);
    const time = days.find((name) => name === timed.task.eventTime);
    if (time !== undefined) {
      read = [...words, time];
      told = resolved(task, { ...all, columns: alongside(read).columns });
    }
  }
  const columns = [...folders.filter(({ name }) => name === task.label).map(({ name }) => name), ...read];
  const { data } = told.task;
  return {
    facts: { ...all, columns: alongside(read).columns },
    told: columns.length === 0 ? told : { ...told, task: { ...told.task, data: { ...data, folders: [...columns] } } },
    folders: columns,
  };
}

/** The task with what the data tells of its event time, its id and its split. */
function resolved(
  task: Task,
  facts: Awaited<ReturnType<typeof factsOf>>,
): { readonly task: Task; readonly notes: readonly string[] } {
  const { columns, rows, files } = facts;
  const { time, notes } = planTime(task, columns, rows, parseShare(toleratedByDefault), facts.timesOf);
  const timed = time === undefined ? task : { ...task, eventTime: time.column, timeFormat: time.format };
  const id = inferId(timed, columns, copiesAmong(task, facts));
  return {
    task: {
      ...timed,
      ...(id === undefined ? {} : { id: id.column }),
      ...(time === undefined ? { split: { by: 'hash', test: '20%', validation: '10%' } } : {}),
    },
    notes: [...sayFiles(task, files), ...notes, ...(id?.notes ?? [])],
  };
}
