import { randomUUID } from 'node:crypto';
import {
  BadData,
  type DataFile,
  type ExampleEngine,
  type Moments,
  type NamedColumn,
  originColumns,
  type PrepareOptions,
  type Reject,
  type Rejects,
  type Relation,
  type ScanOptions,
  type ScanResult,
  type SplitRule,
  type TermCount,
  type TypedColumn,
} from '@adstocrat/example-engine';
import {
  canonicalText,
  type Column,
  type ColumnarBatch,
  type ColumnType,
  numberOf,
  reservedColumns,
  reservedPrefix,
} from '@adstocrat/examples';
import { type PartNumbers, type PartStatistics, QuantileSketch, type QuantileSummary } from '@adstocrat/statistics';
import { relationOfBatches } from './batches-relation.ts';
import { typedCell } from './cell-sql.ts';
import { columnFacts } from './column-facts.ts';
import { describeColumns, numbersOf } from './describe-columns.ts';
import { type DuckDbOptions, DuckDbSession } from './duckdb-session.ts';
import { joinTable } from './join-table.ts';
import { openParquetFiles, parquetOf, writeParquetFile } from './parquet-relation.ts';
import { prepareRows } from './prepare-rows.ts';
import { readTextsInto } from './read-texts.ts';
import { rejectsFrom, RejectTable } from './reject-table.ts';
import { quantilesOfTimes, rowBatches } from './row-batches.ts';
import { fileColumn, lineColumn, rowColumn } from './row-column.ts';
import { scanFilesInto } from './scan-files.ts';
import { distinctValues, type SplitRelations, splitRows } from './split-rows.ts';
import { canonicalSql, copyRows, name } from './sql-text.ts';
import { ColumnReader } from './vector-reading.ts';

/** {@link ExampleEngine} on DuckDB: one in-process database, tables in insertion order. */
export class DuckDbExampleEngine implements ExampleEngine {
  readonly #session: DuckDbSession;

  private constructor(session: DuckDbSession) {
    this.#session = session;
  }

  static async open(options: DuckDbOptions): Promise<DuckDbExampleEngine> {
    return new DuckDbExampleEngine(await DuckDbSession.open(options));
  }

  async scan(files: readonly DataFile[], options: ScanOptions = {}): Promise<ScanResult> {
    const rejects = await this.#newRejects();
    const { connection, workDir, signal, limits } = this.#session;
    const path = this.#session.newFile(`${workDir}/rows-${randomUUID()}.parquet`);
    const folder = `${workDir}/records-${randomUUID()}`;
    const scanned = await scanFilesInto(connection, path, files, { options, folder, rejects, signal, limits });
    const { rows, columns } = scanned;
    const found = await rejects.finish();
    if (rows === 0 && options.isPart !== true) {
      const [why] = found.first;
      throw new BadData(
        why === undefined && columns.length === 0
          ? `${files[0]?.name ?? ''} is empty${files.length > 1 ? ', as is every other file' : ''}: a CSV begins with a header line, other files with a row`
          : `no row can be read from ${files.map((file) => file.name).join(', ')}: ${why === undefined ? 'only a header' : `${why.file}:${why.line}: ${why.reason}`}`,
      );
    }
    const table = await this.openParquet([path], { names: files.map((file) => file.name), before: 0, columns });
    const facts = await columnFacts(connection, parquetOf([path]), columns, rows);
    this.#session.note(table, { scanned: path });
    return { table, rows, rejects: found, columns: facts, files: scanned.files };
  }

  async typed(
    relation: Relation,
    columns: readonly TypedColumn[],
    { origin = false }: { readonly origin?: boolean } = {},
  ): Promise<Relation> {
    const casts = columns.map((column) => `${typedCell(column.name, column.type, column)} AS ${name(column.name)}`);
    if (!origin)
      return this.#session.create(
        `SELECT ${[name(rowColumn), ...casts].join(', ')} FROM ${name(relation.id)} ORDER BY ${name(rowColumn)}`,
      );
    const files = await this.#session.textPairs([this.#session.traits(relation).files ?? []], (file) => file);
    const where = [name(originColumns.file), `${name(lineColumn)} AS ${name(originColumns.line)}`];
    const typed = await this.#session.create(
      `SELECT ${[name(rowColumn), ...casts, ...where].join(', ')} FROM ${name(relation.id)}
       JOIN (SELECT rowid AS ${name(fileColumn)}, a AS ${name(originColumns.file)} FROM ${name(files.id)}) USING (${name(fileColumn)})
       ORDER BY ${name(rowColumn)}`,
    );
    await this.#session.drop(files);
    return typed;
  }

  join(relation: Relation, table: Relation, key: string): Promise<Relation> {
    return joinTable(this.#session, relation, table, key);
  }

  prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: Rejects }> {
    return prepareRows(this.#session, relation, options);
  }

  async rejects(list: AsyncIterable<Reject> | Iterable<Reject>): Promise<Rejects> {
    const rejects = await this.#newRejects();
    for await (const reject of list) rejects.add(reject);
    return rejects.finish();
  }

  /**
   * What else was set aside, of rows of a scanned relation: Parquet files with its row, file and line as `r`, `f` and `l`, and `why`, `at`
   * and `text`.
   */
  readRejects(scanned: Relation, paths: readonly string[]): Promise<Rejects> {
    return rejectsFrom(
      this.#session.connection,
      this.#session.newTable(),
      paths,
      this.#session.traits(scanned).files ?? [],
    );
  }

  #newRejects(): Promise<RejectTable> {
    return RejectTable.create(this.#session.connection, this.#session.newTable());
  }

  async union(relations: readonly Relation[]): Promise<Relation> {
    const part = name(`${reservedPrefix}part`);
    const parts = relations.map(({ id }, index) => `SELECT ${index} AS ${part}, * FROM ${name(id)}`);
    return this.#session.create(
      `SELECT row_number() OVER (ORDER BY ${part}, ${name(rowColumn)}) AS ${name(rowColumn)}, * EXCLUDE (${part}, ${name(rowColumn)})
       FROM (${parts.join(' UNION ALL BY NAME ')}) ORDER BY 1`,
    );
  }

  withImages(relation: Relation, column: string, index: Relation): Promise<Relation> {
    return this.#session.create(
      `SELECT e.*, m."sha256" AS ${name(reservedColumns.image)} FROM ${name(relation.id)} e LEFT JOIN ${name(index.id)} m ON e.${name(column)} = m."value" ORDER BY e.${name(rowColumn)}`,
    );
  }

  split(relation: Relation, rule: SplitRule): Promise<SplitRelations> {
    return splitRows(this.#session, relation, rule);
  }

  fromBatches(
    columns: readonly NamedColumn[],
    batches: AsyncIterable<ColumnarBatch> | Iterable<ColumnarBatch>,
  ): Promise<Relation> {
    return relationOfBatches(this.#session, columns, batches);
  }

  async readTexts(
    files: readonly DataFile[],
    columns: readonly NamedColumn[],
  ): Promise<{
    readonly table: Relation;
    readonly rows: number;
    readonly rejectedRows: number;
    readonly rejects: readonly Reject[];
  }> {
    const table = this.#session.newTable();
    const found = await readTextsInto(this.#session.connection, table.id, files, columns);
    return { table, rows: await this.count(table), ...found };
  }

  async countOf(relation: Relation, column: string, values: ReadonlySet<string>): Promise<number> {
    const type = (await this.#session.columns(relation)).get(column);
    if (type === undefined) return 0;
    const wanted = await this.#session.textPairs([textsOf(values, type)], () => '');
    const found = await this.#session.number(
      `SELECT count(*) FROM ${name(relation.id)} e WHERE ${canonicalSql(`e.${name(column)}`, type)} IN (SELECT a FROM ${name(wanted.id)})`,
    );
    await this.#session.drop(wanted);
    return found;
  }

  async without(relation: Relation, column: string, values: ReadonlySet<string>): Promise<Relation> {
    const type = (await this.#session.columns(relation)).get(column) ?? 'string';
    const unwanted = await this.#session.textPairs([textsOf(values, type)], () => '');
    const left = await this.#session.create(
      `SELECT * FROM ${name(relation.id)} e
       WHERE coalesce(${canonicalSql(`e.${name(column)}`, type)} NOT IN (SELECT a FROM ${name(unwanted.id)}), true) ORDER BY ${name(rowColumn)}`,
    );
    await this.#session.drop(unwanted);
    return left;
  }

  async evenRows(relation: Relation, rows: number): Promise<Relation> {
    const step = Math.ceil((await this.count(relation)) / rows);
    return step <= 1
      ? relation
      : this.#session.view(relation, `SELECT * FROM ${name(relation.id)} WHERE ${name(rowColumn)} % ${step} = 0`);
  }

  count(relation: Relation): Promise<number> {
    return this.#session.count(relation);
  }

  positives({ id }: Relation): Promise<number> {
    return this.#session.number(`SELECT coalesce(sum(${name(reservedColumns.label)}), 0) FROM ${name(id)}`);
  }

  async moments(relation: Relation, column: string): Promise<Moments> {
    const { moments } = (await numbersOf(this.#session, relation, [column])).get(column) as PartNumbers;
    return moments;
  }

  async quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]> {
    const { quantiles } = (await numbersOf(this.#session, relation, [column])).get(column) as PartNumbers;
    return quantiles.count === 0 || probabilities.length === 0
      ? []
      : QuantileSketch.from([quantiles]).quantiles(probabilities);
  }

  async describe(
    relation: Relation,
    columns: readonly NamedColumn[],
    onColumn?: (done: number) => void,
  ): Promise<PartStatistics> {
    const described = await describeColumns(this.#session, relation, columns, onColumn);
    return { rows: await this.count(relation), positives: await this.positives(relation), columns: described };
  }

  async vocabulary(
    relation: Relation,
    column: string,
    options: { readonly limit?: number; readonly minCount?: number } = {},
  ): Promise<{ readonly terms: readonly TermCount[]; readonly distinct: number }> {
    const counted = `SELECT ${name(column)} AS value, count(*) AS n FROM ${name(relation.id)} WHERE ${name(column)} IS NOT NULL GROUP BY 1`;
    const rows = await this.#session.rows(
      `SELECT value, n FROM (${counted}) WHERE n >= ${options.minCount ?? 1} ORDER BY n DESC, value::VARCHAR${options.limit === undefined ? '' : ` LIMIT ${options.limit}`}`,
    );
    return {
      terms: rows.map(([value, count]) => ({ value: String(value), count: Number(count) })),
      distinct: await this.#session.number(`SELECT count(*) FROM (${counted})`),
    };
  }

  async distinctRows(relation: Relation, column: string): Promise<Relation> {
    const value = name(column);
    return this.#session.create(
      `SELECT row_number() OVER () AS ${name(rowColumn)}, ${value} FROM (
         SELECT DISTINCT ${value} FROM ${name(relation.id)} WHERE ${value} IS NOT NULL ORDER BY 1)`,
    );
  }

  async distinct(relation: Relation, column: string): Promise<readonly string[]> {
    return (await Array.fromAsync(distinctValues(this.#session, relation, column))).flat();
  }

  writeParquet(relation: Relation, path: string, part?: { readonly from: number; readonly to: number }): Promise<void> {
    return writeParquetFile(this.#session, relation, path, part);
  }

  /** What another engine wrote of a relation with its row numbers, in parts in any order: in row order. */
  openParts(parts: readonly string[]): Promise<Relation> {
    return this.#session.create(`SELECT * FROM ${parquetOf(parts)} ORDER BY ${name(rowColumn)}`);
  }

  /** Writes Parquet with row, file and line, which no other engine could tell. */
  async writeAll(relation: Relation, path: string): Promise<void> {
    await copyRows(this.#session.connection, `SELECT * FROM ${name(relation.id)}`, path, true);
  }

  openParquet(
    paths: readonly string[],
    scanned?: { readonly names: readonly string[]; readonly before: number; readonly columns: readonly string[] },
  ): Promise<Relation> {
    return openParquetFiles(this.#session, paths, scanned);
  }

  hashRows(relation: Relation, columns: readonly string[]): Promise<Relation> {
    return this.#session.view(
      relation,
      `SELECT ${name(rowColumn)}, hash(${columns.map(name).join(', ')}) AS h FROM ${name(relation.id)}`,
    );
  }

  countDistinct({ id }: Relation, column: string): Promise<number> {
    return this.#session.number(`SELECT count(DISTINCT ${name(column)}) FROM ${name(id)}`);
  }

  times(relation: Relation, eventTime: NonNullable<PrepareOptions['eventTime']>): Promise<QuantileSummary> {
    return quantilesOfTimes(this.#session, relation, eventTime);
  }

  batches(
    relation: Relation,
    options: { readonly columns?: readonly string[]; readonly batchRows?: number } = {},
  ): AsyncGenerator<ColumnarBatch> {
    return rowBatches(this.#session, relation, options);
  }

  async collect(relation: Relation, columns: readonly string[]): Promise<ReadonlyMap<string, Column>> {
    for await (const batch of this.batches(relation, { columns, batchRows: Number.MAX_SAFE_INTEGER }))
      return batch.columns;
    const types = await this.#session.columns(relation);
    return new Map(columns.map((column) => [column, new ColumnReader(types.get(column) ?? 'string').finish()]));
  }

  columns(relation: Relation): Promise<readonly NamedColumn[]> {
    return this.#session.namedColumns(relation);
  }

  close(): Promise<void> {
    this.#session.close();
    return Promise.resolve();
  }
}

/** Values as the texts that a column of this type has of them: in one of numbers 1.50 is 1.5. */
function textsOf(values: ReadonlySet<string>, type: ColumnType): readonly string[] {
  if (type === 'string') return Array.from(values, canonicalText);
  return Array.from(values, (value) => String(numberOf(value) ?? value));
}
