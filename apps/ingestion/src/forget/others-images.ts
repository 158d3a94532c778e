import { readFileSync } from 'node:fs';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { type ColumnarBatch, reservedColumns, rowsAt } from '@adstocrat/examples';
import { indexColumns } from '../images/named-images.ts';
import type { FetchedFolder } from './rewrite-folder.ts';

/** A span's index of images. */
export const imagesFile = 'images.parquet';

/** A span's index of images without those that only the rows show that are taken out, and without the names that only these have for others. */
export async function othersImages(
  { engine, paths }: Pick<FetchedFolder<unknown>, 'engine' | 'paths'>,
  all: readonly Relation[],
  left: readonly Relation[],
): Promise<{ readonly left: Relation; readonly lost: ReadonlySet<string> }> {
  const [before, after] = [await engine.union(all), await engine.union(left)];
  const lost = await lostValues(engine, before, after, reservedColumns.image);
  const { columns } = JSON.parse(readFileSync(paths.get('data-schema.json') ?? '', 'utf8')) as DataSchema;
  const column = columns.find(({ role }) => role === 'image')?.name;
  const names = column === undefined ? new Set<string>() : await lostValues(engine, before, after, column);
  const index = await engine.openParquet([paths.get(imagesFile) ?? '']);
  const others = othersOf(engine.batches(index), lost, names);
  return { left: await engine.fromBatches(indexColumns, others), lost };
}

/** Names are compared as they are: `1` and `1.0` may be two files. */
async function* othersOf(
  index: AsyncIterable<ColumnarBatch>,
  lost: ReadonlySet<string>,
  names: ReadonlySet<string>,
): AsyncGenerator<ColumnarBatch> {
  for await (const batch of index) {
    const [values = [], digests = []] = indexColumns.map(({ name }) => batch.columns.get(name)?.values);
    const kept = Int32Array.from({ length: batch.rows }, (_, row) => row).filter(
      (row) => !lost.has(String(digests[row])) && !names.has(String(values[row])),
    );
    yield rowsAt(batch, kept);
  }
}

/** What a column had, and has no more since rows were taken out. */
async function lostValues(
  engine: ExampleEngine,
  before: Relation,
  after: Relation,
  column: string,
): Promise<ReadonlySet<string>> {
  const left = valuesOf(engine, after, column);
  const lost = new Set<string>();
  // What is left comes in the order of all.
  let next = await left.next();
  for await (const value of valuesOf(engine, before, column)) {
    if (next.done !== true && next.value === value) next = await left.next();
    else lost.add(value);
  }
  return lost;
}

/** Each value once, in one order. */
async function* valuesOf(engine: ExampleEngine, rows: Relation, column: string): AsyncGenerator<string, void> {
  for await (const { columns } of engine.batches(await engine.distinctRows(rows, column)))
    for (const value of columns.get(column)?.values ?? []) yield String(value);
}
