import type { ExampleEngine } from '@adstocrat/example-engine';
import type { PartFacts } from '@adstocrat/statistics';
import type { ShardHead } from '../shards/merged-scans.ts';
import type { WorkFolder } from '../shards/work-folder.ts';

/** Rows of different content, of all shards together; undefined where one did not look. */
export async function differentRows(
  engine: ExampleEngine,
  scanned: readonly ShardHead[],
  folders: readonly WorkFolder[],
): Promise<number | undefined> {
  const held = scanned.flatMap(({ rows, different }, shard) => (rows === 0 ? [] : [{ different, shard }]));
  if (held.some(({ different }) => different === undefined)) return undefined;
  if (held.length === 1) return held[0]?.different;
  const paths = await Promise.all(held.flatMap(({ shard }) => folders[shard]?.file('contents.parquet') ?? []));
  return engine.countDistinct(await engine.openParquet(paths), 'h');
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
