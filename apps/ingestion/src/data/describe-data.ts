import { pathBelow } from '@adstocrat/artifact-store';
import {
  type ExampleEngine,
  NoHeaderLine,
  noHeaderLine,
  type ScanResult,
  type TermCount,
} from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import { Task } from '@adstocrat/tasks';
import { checkColumns } from './check-columns.ts';
import { takenColumn } from './check-joined.ts';
import { type FolderColumn, folderColumns } from './folder-columns.ts';
import { globsOf } from './globs-of.ts';
import { ImageColumns, type SampledColumn } from './image-column.ts';
import { lookUnder, type OpenData } from './open-data.ts';
import { arraysOf, sayArrays } from './scan-arrays.ts';
import { labelByNumber } from './scan-unnamed.ts';
import { type ScannedTable, shardsAmong, type UnreadTable } from './shards-among.ts';
import { joinKey } from './tables-to-join.ts';
import { taskName } from './task-name.ts';

/** Values of a column that are looked at to tell whether it names images. */
const sampledValues = 200;

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

export interface DescribedData {
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
export async function describeData(
  engine: ExampleEngine,
  data: OpenData,
  { scans, unread }: { readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] },
  request: { readonly dataUri: string; readonly label: string; readonly name: string; readonly notes: string[] },
): Promise<DescribedData> {
  const { label, notes } = request;
  const { uri, onlyFile } = data;
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
  const image = await findImages(engine, largest.scan, { label, data, note });
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
  options: { readonly label: string; readonly data: OpenData; readonly note: (sentence: string) => void },
) {
  const sampled: SampledColumn[] = [];
  for (const { name, cells } of columns.filter(({ name }) => name !== options.label)) {
    if (cells.text + cells.written === 0) continue;
    const { terms } = await engine.vocabulary(table, name, { limit: sampledValues });
    sampled.push({ name, values: terms.map(({ value }) => value) });
  }
  const images = new ImageColumns(sampled);
  const [named] = images.candidates;
  if (named === undefined) return undefined;
  await lookUnder(options.data, ({ uri }) => images.look(pathBelow(options.data.uri, uri)));
  const image = images.found();
  if (image === undefined)
    options.note(
      `no images: "${named.name}" seems to name some, as ${JSON.stringify(named.values[0])}, and none is there; lay them below the data`,
    );
  return image;
}
