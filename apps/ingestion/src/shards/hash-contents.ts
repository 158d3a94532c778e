import type { ExampleEngine, Relation } from '@adstocrat/example-engine';

/** Writes a hash of each row's cells to a Parquet file, as column `h`. */
export async function hashContents(
  engine: ExampleEngine,
  rows: Relation,
  columns: readonly string[],
  to: string,
): Promise<void> {
  // In one order, whatever that of the columns in the files: the same row has the same hash in every shard.
  await engine.writeParquet(await engine.hashRows(rows, columns.toSorted()), to);
}
