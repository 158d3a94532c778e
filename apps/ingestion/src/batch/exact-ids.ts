import type { ExampleEngine } from '@adstocrat/example-engine';
import type { PartFacts } from '@adstocrat/statistics';
import type { ShardHead } from '../shards/merged-scans.ts';
import type { WorkFolder } from '../shards/work-folder.ts';

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
