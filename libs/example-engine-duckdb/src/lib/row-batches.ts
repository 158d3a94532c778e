import type { PrepareOptions, Relation } from '@adstocrat/example-engine';
import { type ColumnarBatch, rowsOf } from '@adstocrat/examples';
import { QuantileSketch, type QuantileSummary } from '@adstocrat/statistics';
import { timeMs, trimmedCell, utcOf, writesNoZone } from './cell-sql.ts';
import type { DuckDbSession } from './duckdb-session.ts';
import { name } from './sql-text.ts';
import { ColumnReader } from './vector-reading.ts';

/** A relation's rows in order, at most `batchRows` at once, of some of its columns. */
export async function* rowBatches(
  session: DuckDbSession,
  relation: Relation,
  options: { readonly columns?: readonly string[]; readonly batchRows?: number } = {},
): AsyncGenerator<ColumnarBatch> {
  const all = await session.columns(relation);
  const wanted = options.columns ?? [...all.keys()];
  const absent = wanted.find((column) => !all.has(column));
  if (absent !== undefined) throw new RangeError(`no column "${absent}" among ${[...all.keys()].join(', ')}`);
  const types = wanted.map((column) => all.get(column) ?? 'string');
  // NaN for a missing number: a vector with NULLs is read several times as slowly.
  const list = wanted.map((column, index) =>
    types[index] === 'string' ? name(column) : `coalesce(${name(column)}::DOUBLE, 'NaN'::DOUBLE)`,
  );
  const query = `SELECT ${list.join(', ')} FROM ${session.inOrder(relation)}`;
  const batchRows = options.batchRows ?? 8192;
  let readers = types.map((type) => new ColumnReader(type));
  let held = 0;
  const flush = (): ColumnarBatch => {
    const columns = new Map(
      wanted.map((column, index) => [column, (readers[index] as ColumnReader).finish()] as const),
    );
    const batch = { rows: held, columns };
    readers = types.map((type) => new ColumnReader(type));
    held = 0;
    return batch;
  };
  for await (const chunk of session.chunks(query)) {
    for (const [index, reader] of readers.entries()) reader.take(chunk, index);
    held += chunk.rowCount;
    if (held >= batchRows) yield* sliced(flush(), batchRows);
  }
  if (held > 0) yield* sliced(flush(), batchRows);
}

function* sliced(batch: ColumnarBatch, batchRows: number): Generator<ColumnarBatch> {
  if (batch.rows <= batchRows) yield batch;
  else for (let start = 0; start < batch.rows; start += batchRows) yield rowsOf(batch, start, start + batchRows);
}

/** Quantiles of the moments that a column says, in milliseconds since 1970. */
export async function quantilesOfTimes(
  session: DuckDbSession,
  relation: Relation,
  { column, format, zone, isClean }: NonNullable<PrepareOptions['eventTime']>,
): Promise<QuantileSummary> {
  const sketch = new QuantileSketch();
  const reader = new ColumnReader('float');
  const moment =
    zone === undefined
      ? 'ms'
      : `CASE WHEN ${writesNoZone(trimmedCell('cell'), format)} THEN ${utcOf('ms', zone)} ELSE ms END`;
  const query = `SELECT ${moment} FROM (
      SELECT ${timeMs(column, format, isClean)} AS ms, ${name(column)} AS cell FROM ${session.inOrder(relation)}
    ) WHERE ms IS NOT NULL`;
  for await (const chunk of session.chunks(query)) {
    reader.take(chunk, 0);
    sketch.addAll(reader.finish().values as Float64Array);
  }
  return sketch.summary();
}
