import { join } from 'node:path';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { PartFacts } from '@adstocrat/statistics';
import { hashContents } from '../shards/hash-contents.ts';
import type { ShardHead } from '../shards/merged-scans.ts';
import type { WorkFolder } from '../shards/work-folder.ts';

/**
 * Rows of different content, of all shards together; undefined where one did not look. `columns`: with the exact number of values of each
 * that may be an id. Where one has another in every row, whole rows are not looked at.
 */
export async function differentRows(
  engine: ExampleEngine,
  columns: readonly PartFacts[],
  scanned: readonly ShardHead[],
  folders: readonly WorkFolder[],
  workDir: string,
): Promise<number | undefined> {
  const held = scanned.flatMap((head, shard) => (head.rows === 0 ? [] : [{ head, shard }]));
  if (held.some(({ head }) => head.different === undefined)) return undefined;
  if (held.length === 1) return held[0]?.head.different;
  const rows = held.reduce((sum, { head }) => sum + head.rows, 0);
  const isExact = (name: string): boolean => held.every(({ head }) => head.unique.includes(name));
  if (columns.some(({ name, distinct }) => distinct === rows && isExact(name))) return rows;
  const paths: string[] = [];
  for (const { head, shard } of held) {
    const folder = folders[shard];
    if (folder !== undefined) paths.push(await contentsOf(engine, head, folder, join(workDir, `contents-${shard}`)));
  }
  return engine.countDistinct(await engine.openParquet(paths), 'h');
}

/** Hashes of a shard's rows: its own, or, where it has none, made of the rows, which lie on this disk no longer than that takes. */
async function contentsOf(
  engine: ExampleEngine,
  { isToldApart = false, columns }: ShardHead,
  folder: WorkFolder,
  to: string,
): Promise<string> {
  if (!isToldApart) return folder.file('contents.parquet');
  await hashContents(engine, await engine.openParquet([await folder.file('rows.parquet')]), columns, to);
  await folder.forget('rows.parquet');
  return to;
}

/** The facts, with the exact number of different values of each column that has another one in every row of each shard: it may be an id. */
export async function exactIds(
  engine: ExampleEngine,
  columns: readonly PartFacts[],
  scanned: readonly ShardHead[],
  folders: readonly WorkFolder[],
): Promise<readonly PartFacts[]> {
  if (scanned.length < 2) return columns;
  const exact = new Map<string, number>();
  for (const { name } of columns) {
    const at = scanned.map(({ unique, rows }) => (rows === 0 ? undefined : unique.indexOf(name)));
    if (at.includes(-1)) continue;
    const paths = await Promise.all(
      folders.flatMap((folder, shard) => (at[shard] === undefined ? [] : [folder.file(`unique/${at[shard]}.parquet`)])),
    );
    exact.set(name, await engine.countDistinct(await engine.openParquet(paths), 'h'));
  }
  return columns.map((column) => ({ ...column, distinct: exact.get(column.name) ?? column.distinct }));
}
