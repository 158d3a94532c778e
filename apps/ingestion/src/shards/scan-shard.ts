import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { pathBelow } from '@adstocrat/artifact-store';
import type { ExampleEngine, Rejects, Relation, ScannedFile, TermCount } from '@adstocrat/example-engine';
import { type TimeFormat, Zone } from '@adstocrat/examples';
import type { PartFacts, QuantileSummary } from '@adstocrat/statistics';
import { parseTask, type Task } from '@adstocrat/tasks';
import { downloadFiles } from '../batch/download-files.ts';
import { declaredCells } from '../data/folder-cells.ts';
import { isIdLike } from '../plan/plan-id.ts';
import { mayRepeat } from '../plan/repeated-rows.ts';
import { timeFormatsOf } from '../plan/plan-time.ts';
import { scanOptions } from '../plan/scan-options.ts';
import { hashContents } from './hash-contents.ts';
import { type ShardWork, shardThreads } from './shard-work.ts';

const File = z.object({ uri: z.string(), bytes: z.number(), generation: z.string() });

const Payload = z.object({
  taskYaml: z.string(),
  dataUri: z.string(),
  /** What the files must lie in. */
  baseUri: z.string(),
  files: z.array(File),
  /** There are other shards. */
  isPart: z.boolean(),
  /** Columns whose values are wanted one by one. */
  distinct: z.array(z.string()),
});

/** What was set aside, without the rows. */
export type RejectsSummary = Omit<Rejects, 'table'>;

/** `scan.json` of a scanned shard: facts that over all shards decide what the columns are. */
export interface ScannedShard {
  readonly rows: number;
  readonly columns: readonly PartFacts[];
  readonly files: readonly ScannedFile[];
  readonly rejects: RejectsSummary;
  /** The label's most frequent values; none where the files have no such column. */
  readonly labels: { readonly terms: readonly TermCount[]; readonly distinct: number };
  /** Rows of different content, where they were looked at: hashes of all lie in `contents.parquet` then, unless `isToldApart`. */
  readonly different?: number | undefined;
  /** A column of `unique` has another value in each row, which says how many are different without a look at the others. */
  readonly isToldApart?: boolean | undefined;
  /** Columns that have another value in each row, or in each that repeats no other, and the id that the task names: their hashes lie in `unique/<index>.parquet`. */
  readonly unique: readonly string[];
  /** Columns whose values lie in `distinct/<index>.parquet`. */
  readonly distinct: readonly string[];
  readonly times: readonly {
    readonly column: string;
    readonly format: TimeFormat;
    readonly quantiles: QuantileSummary;
  }[];
}

/** Values of a label that are looked at. A label has two. */
const labelValues = 1000;

/**
 * Files become rows of text, `rows.parquet`, with what was set aside, `rejects.parquet`, and {@link ScannedShard}. Nothing is decided
 * here: that takes the facts of all shards.
 */
export const scanShard: ShardWork<z.infer<typeof Payload>> = {
  kind: { name: 'ingestion.scan-shard', parse: (payload) => Payload.parse(payload) },
  longestStep: 'scan',
  async run(dependencies, { taskYaml, dataUri, baseUri, files, isPart, distinct }, { into, scratch }, of) {
    const { signal, onProgress } = of;
    const task = parseTask(taskYaml, 'task.yaml');
    const source = await dependencies.openStore(dataUri);
    const engine = await dependencies.openEngine({ workDir: scratch, threads: shardThreads, signal });
    try {
      const local = await downloadFiles({ source, baseUri }, files, scratch, dependencies.held, onProgress);
      const { folders = [] } = task.data;
      const data = files.map(({ uri }) => ({
        path: local.get(uri) ?? '',
        name: uri,
        ...(folders.length > 0 && { cells: declaredCells(pathBelow(baseUri, uri), uri, folders) }),
      }));
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      onProgress('scan', 0, total, 'bytes', 0);
      const scan = await engine.scan(data, {
        ...scanOptions(task),
        isPart,
        onProgress: ({ bytes, rows }) => {
          onProgress('scan', bytes, total, 'bytes', rows);
        },
      });
      for (const { path } of data) rmSync(path, { force: true });
      onProgress('type', 0, 0, 'rows', scan.rows);
      const { table: rejected, ...rejects } = scan.rejects;
      const names = scan.columns.map(({ name }) => name);
      const wanted = distinct.filter((column) => names.includes(column));
      const isToldApart =
        isPart && scan.columns.some((column) => mayBeId(task, column) && column.distinct === scan.rows);
      let different: number | undefined;
      if (mayRepeat(task, scan.columns, isPart)) {
        const contents = join(into, 'contents.parquet');
        if (!isToldApart) await hashContents(engine, scan.table, names, contents);
        different = isToldApart ? scan.rows : await engine.countDistinct(await engine.openParquet([contents]), 'h');
      }
      const unique = isPart
        ? scan.columns.filter((column) => mayBeId(task, column, different)).map(({ name }) => name)
        : [];
      for (const folder of ['distinct', 'unique']) await mkdir(join(into, folder), { recursive: true });
      for (const [index, column] of wanted.entries())
        await engine.writeParquet(
          await engine.distinctRows(scan.table, column),
          join(into, 'distinct', `${index}.parquet`),
        );
      for (const [index, column] of unique.entries())
        await engine.writeParquet(
          await engine.hashRows(scan.table, [column]),
          join(into, 'unique', `${index}.parquet`),
        );
      await engine.writeParquet(scan.table, join(into, 'rows.parquet'));
      await engine.writeParquet(rejected, join(into, 'rejects.parquet'));
      const scanned: ScannedShard = {
        rows: scan.rows,
        columns: scan.columns,
        files: scan.files,
        rejects,
        labels: names.includes(task.label)
          ? await engine.vocabulary(scan.table, task.label, { limit: labelValues })
          : { terms: [], distinct: 0 },
        unique,
        ...(different !== undefined && { different, isToldApart }),
        distinct: wanted,
        times: await timesOf(engine, scan.table, task, scan.columns),
      };
      await writeFile(join(into, 'scan.json'), JSON.stringify(scanned));
    } finally {
      await engine.close();
    }
  },
};

/** Whether a column's hashes are wanted: it is the id, or may be, of all rows or of those that repeat no other. */
function mayBeId(task: Task, column: PartFacts, different?: number): boolean {
  return column.name === task.id || isIdLike(task, column) || isIdLike(task, column, different);
}

/** Where the events lie in time, for each column and format that may turn out to be the event time's. */
async function timesOf(
  engine: ExampleEngine,
  table: Relation,
  task: Task,
  columns: readonly PartFacts[],
): Promise<ScannedShard['times']> {
  const found: ScannedShard['times'][number][] = [];
  const zone = task.data.zone === undefined ? undefined : Zone.of(task.data.zone);
  for (const time of timeFormatsOf(task, columns)) {
    const { column, format } = time;
    found.push({ column, format, quantiles: await engine.times(table, { ...time, ...(zone && { zone }) }) });
  }
  return found;
}
