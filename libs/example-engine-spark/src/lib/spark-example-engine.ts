import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  addedColumns,
  type DataFile,
  type ExampleEngine,
  keyTwice,
  type Moments,
  type NamedColumn,
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
  DuckDbExampleEngine,
  type DuckDbOptions,
  fileColumn,
  lineColumn,
  rowColumn,
} from '@adstocrat/example-engine-duckdb';
import { type Column, type ColumnarBatch, reservedColumns, type Split, splits } from '@adstocrat/examples';
import type { PartStatistics, QuantileSummary } from '@adstocrat/statistics';
import { ConnectSession } from './connect-session.ts';
import { canonical, name, parquet, sql } from './plans.ts';
import { prepareWork } from './prepare-work.ts';
import { rowMap } from './row-map.ts';
import { SparkRows } from './spark-rows.ts';
import { trySpark } from './try-spark.ts';

export interface SparkOptions extends DuckDbOptions {
  /** `sc://host:port`. */
  readonly url: string;
}

/** The split of a row, in a relation only while it is made. */
const sideColumn = 'adstocrat.side';

/**
 * {@link ExampleEngine} on what speaks Spark Connect. Files are read by a DuckDB in this process: what is a record, what a cell looks like
 * and what is rejected is found there, whichever engine the rows go to. Scanned rows go to Spark to be joined, typed and split. What is
 * asked of them then is asked of their file in row order, which the DuckDB makes of what Spark wrote: numbers and bytes are the same as
 * without Spark. `workDir` is one folder for this process and for Spark's driver and executors.
 */
export class SparkExampleEngine implements ExampleEngine {
  readonly #local: DuckDbExampleEngine;
  readonly #session: ConnectSession;
  readonly #spark: SparkRows;
  readonly #folder: string;
  #pythonVersion: Promise<string> | undefined;
  /** What Spark was given of relations of this process. */
  readonly #given = new Map<string, Promise<Relation>>();
  /** What this process has of Spark's relations. */
  readonly #fetched = new Map<string, Promise<Relation>>();
  /** Relations of this process with rows for Spark: scanned ones. Without rows there is nothing that it could do. */
  readonly #scanned = new Set<string>();

  private constructor(local: DuckDbExampleEngine, session: ConnectSession, folder: string) {
    this.#local = local;
    this.#session = session;
    this.#folder = folder;
    this.#spark = new SparkRows(session, folder);
  }

  /** Spark is not asked before it is needed: looking at files and rows of live traffic need none. */
  static async open({ url, ...options }: SparkOptions): Promise<SparkExampleEngine> {
    const session = new ConnectSession(url, options.signal);
    return new SparkExampleEngine(
      await DuckDbExampleEngine.open(options),
      session,
      join(resolve(options.workDir), `spark-${randomUUID()}`),
    );
  }

  async scan(files: readonly DataFile[], options?: ScanOptions): Promise<ScanResult> {
    const found = await this.#local.scan(files, options);
    if (found.rows > 0) this.#scanned.add(found.table.id);
    return found;
  }

  /** The Python of Spark's executors, after a row has gone all the way. */
  #python(): Promise<string> {
    this.#pythonVersion ??= trySpark(this.#local, this.#spark);
    return this.#pythonVersion;
  }

  #staysHere(relation: Relation): boolean {
    return this.#spark.of(relation) === undefined && !this.#scanned.has(relation.id);
  }

  /** A relation as Spark holds it: what lies in this process is handed over when it is first needed there. */
  #onSpark(relation: Relation): Promise<Relation> {
    if (this.#spark.of(relation) !== undefined) return Promise.resolve(relation);
    const given = this.#given.get(relation.id) ?? this.#give(relation);
    this.#given.set(relation.id, given);
    return given;
  }

  async #give(relation: Relation): Promise<Relation> {
    await this.#python();
    const path = `${this.#spark.newFolder()}.parquet`;
    await this.#local.writeAll(relation, path);
    const columns = await this.#local.columns(relation);
    return this.#spark.lazily(parquet([path]), { columns, scanned: relation.id });
  }

  /** A relation as this process holds it: what Spark made is fetched when it is first needed here. */
  #here(relation: Relation): Promise<Relation> {
    const held = this.#spark.of(relation);
    if (held === undefined) return Promise.resolve(relation);
    const fetched = this.#fetched.get(relation.id) ?? this.#fetch(relation, held.columns);
    this.#fetched.set(relation.id, fetched);
    return fetched;
  }

  async #fetch(relation: Relation, columns: readonly NamedColumn[]): Promise<Relation> {
    const shown = [rowColumn, ...columns.map((column) => column.name)].map(name).join(', ');
    const parts = await this.#spark.write(sql(`SELECT ${shown} FROM ${relation.id}`));
    const fetched = await (parts.length === 0 ? this.#local.fromBatches(columns, []) : this.#local.openParts(parts));
    const [rows, due] = [await this.#local.count(fetched), await this.#countOnSpark(relation)];
    if (rows !== due) throw new Error(`Spark holds ${due} rows and wrote ${rows} into ${this.#folder}`);
    for (const part of parts) rmSync(part);
    return fetched;
  }

  async #countOnSpark(relation: Relation): Promise<number> {
    return Number((await this.#spark.list(`SELECT count(*) FROM ${relation.id}`))[0]?.[0]);
  }

  async typed(
    relation: Relation,
    columns: readonly TypedColumn[],
    options?: { readonly origin?: boolean },
  ): Promise<Relation> {
    return this.#local.typed(await this.#here(relation), columns, options);
  }

  async join(relation: Relation, table: Relation, key: string): Promise<Relation> {
    if (this.#staysHere(relation)) return this.#local.join(relation, await this.#here(table), key);
    const [left, right] = [await this.#onSpark(relation), await this.#onSpark(table)];
    const [own, other] = [this.#columns(left), this.#columns(right)];
    const namesOf = (columns: readonly NamedColumn[]): readonly string[] => columns.map((column) => column.name);
    const names = addedColumns(namesOf(own), namesOf(other), key);
    const added = other.filter((column) => names.includes(column.name));
    const twice = await this.#spark.list(
      `SELECT ${canonical(name(key))} FROM ${right.id} WHERE ${name(key)} IS NOT NULL GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1`,
    );
    if (twice[0] !== undefined) throw keyTwice(key, twice[0][0]);
    const list = [
      ...[rowColumn, fileColumn, lineColumn, ...namesOf(own)].map((one) => `e.${name(one)}`),
      ...names.map((one) => `t.${name(one)}`),
    ];
    const query = `SELECT ${list.join(', ')} FROM ${left.id} e LEFT JOIN ${right.id} t ON ${canonical(`e.${name(key)}`)} = ${canonical(`t.${name(key)}`)}`;
    return this.#spark.lazily(sql(query), {
      columns: [...own, ...added],
      scanned: this.#spark.of(left)?.scanned,
    });
  }

  async prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: Rejects }> {
    if (this.#staysHere(relation)) return this.#local.prepare(relation, options);
    const from = await this.#onSpark(relation);
    const scanned = this.#spark.of(from)?.scanned ?? '';
    const { cells, work, gives, columns, values } = prepareWork(options);
    const given = [rowColumn, fileColumn, lineColumn, ...cells].map(
      (cell, index) => `${name(cell)} AS ${index < 3 ? ['r', 'f', 'l'][index] : `c${index - 3}`}`,
    );
    const read = rowMap(
      sql(`SELECT ${given.join(', ')} FROM ${from.id}`),
      ['r', 'f', 'l', ...cells.map((_, index) => `c${index}`)],
      { work, gives, pythonVersion: await this.#python() },
    );
    const all = await this.#spark.kept(read, { columns: [] });
    const rejected = await this.#spark.write(sql(`SELECT r, f, l, why, at, text FROM ${all.id} WHERE why IS NOT NULL`));
    const table = await this.#spark.lazily(
      sql(`SELECT r AS ${name(rowColumn)}, ${values.join(', ')} FROM ${all.id} WHERE why IS NULL`),
      { columns, scanned },
    );
    const rejects = await this.#local.readRejects({ id: scanned }, rejected);
    const [rows, due] = [await this.#countOnSpark(table), await this.#local.count({ id: scanned })];
    if (rows + rejects.rows !== due)
      throw new Error(`${due} rows went to Spark, ${rows} came back and ${rejects.rows} were rejected`);
    return { table, rows, rejects };
  }

  rejects(list: AsyncIterable<Reject> | Iterable<Reject>): Promise<Rejects> {
    return this.#local.rejects(list);
  }

  async union(relations: readonly Relation[]): Promise<Relation> {
    return this.#local.union(await Promise.all(relations.map((relation) => this.#here(relation))));
  }

  async withImages(relation: Relation, column: string, index: Relation): Promise<Relation> {
    const held = this.#spark.of(relation);
    if (held === undefined) return this.#local.withImages(relation, column, await this.#here(index));
    const pairs = await this.#onSpark(index);
    return this.#spark.lazily(
      sql(
        `SELECT e.*, m.sha256 AS ${name(reservedColumns.image)} FROM ${relation.id} e LEFT JOIN ${pairs.id} m ON e.${name(column)} = m.value`,
      ),
      { ...held, columns: [...held.columns, { name: reservedColumns.image, type: 'string' }] },
    );
  }

  async split(relation: Relation, rule: SplitRule): Promise<Readonly<Record<Split, Relation>>> {
    const held = this.#spark.of(relation);
    if (held === undefined) return this.#local.split(relation, rule);
    const sided = await this.#spark.lazily(await this.#sided(relation, rule), held);
    const part = (split: Split): Promise<Relation> => {
      const shown = [rowColumn, ...held.columns.map((column) => column.name)].map(name).join(', ');
      return this.#spark.lazily(sql(`SELECT ${shown} FROM ${sided.id} WHERE ${name(sideColumn)} = '${split}'`), held);
    };
    const parts = await Promise.all(splits.map(async (split) => [split, await part(split)] as const));
    return Object.fromEntries(parts) as Record<Split, Relation>;
  }

  async #sided(relation: Relation, rule: SplitRule) {
    if (rule.by === 'time') {
      const time = name(reservedColumns.timeMs);
      return sql(`SELECT *, CASE WHEN ${time} > ${rule.testAfterMs}D THEN 'test'
        WHEN ${time} > ${rule.validationAfterMs}D THEN 'validation' ELSE 'train' END AS ${name(sideColumn)} FROM ${relation.id}`);
    }
    const { test, validation } = rule;
    const values = `SELECT DISTINCT ${this.#asText(relation, rule.column)} AS a FROM ${relation.id} WHERE ${name(rule.column)} IS NOT NULL`;
    const map = rowMap(sql(values), ['a'], {
      work: { kind: 'place', test, validation },
      gives: [
        ['a', 'string'],
        ['b', 'string'],
      ],
      pythonVersion: await this.#python(),
    });
    const parts = await this.#spark.write(map);
    if (parts.length === 0) return sql(`SELECT *, 'train' AS ${name(sideColumn)} FROM ${relation.id}`);
    const placed = await this.#spark.lazily(parquet(parts), { columns: [] });
    return sql(`SELECT e.*, coalesce(m.b, 'train') AS ${name(sideColumn)} FROM ${relation.id} e
      LEFT JOIN ${placed.id} m ON ${this.#asText(relation, rule.column, 'e.')} = m.a`);
  }

  /** SQL of a column as text. Throws `TypeError` for decimals, which every engine writes in another way. */
  #asText(relation: Relation, column: string, prefix = ''): string {
    const { type } = this.#column(relation, column);
    if (type === 'float')
      throw new TypeError(`"${column}" has decimals, which Spark writes in its own way: it is no name`);
    return `CAST(${prefix}${name(column)} AS STRING)`;
  }

  fromBatches(
    columns: readonly NamedColumn[],
    batches: AsyncIterable<ColumnarBatch> | Iterable<ColumnarBatch>,
  ): Promise<Relation> {
    return this.#local.fromBatches(columns, batches);
  }

  readTexts(files: readonly DataFile[], columns: readonly NamedColumn[]): ReturnType<DuckDbExampleEngine['readTexts']> {
    return this.#local.readTexts(files, columns);
  }

  async countOf(relation: Relation, column: string, values: ReadonlySet<string>): Promise<number> {
    return this.#local.countOf(await this.#here(relation), column, values);
  }

  async without(relation: Relation, column: string, values: ReadonlySet<string>): Promise<Relation> {
    return this.#local.without(await this.#here(relation), column, values);
  }

  async evenRows(relation: Relation, rows: number): Promise<Relation> {
    return this.#local.evenRows(await this.#here(relation), rows);
  }

  async count(relation: Relation): Promise<number> {
    return this.#spark.of(relation) === undefined ? this.#local.count(relation) : this.#countOnSpark(relation);
  }

  async positives(relation: Relation): Promise<number> {
    return this.#local.positives(await this.#here(relation));
  }

  async moments(relation: Relation, column: string): Promise<Moments> {
    return this.#local.moments(await this.#here(relation), column);
  }

  async quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]> {
    return this.#local.quantiles(await this.#here(relation), column, probabilities);
  }

  async vocabulary(
    relation: Relation,
    column: string,
    options?: { readonly limit?: number; readonly minCount?: number },
  ): Promise<{ readonly terms: readonly TermCount[]; readonly distinct: number }> {
    return this.#local.vocabulary(await this.#here(relation), column, options);
  }

  async describe(
    relation: Relation,
    columns: readonly NamedColumn[],
    onColumn?: (done: number) => void,
  ): Promise<PartStatistics> {
    return this.#local.describe(await this.#here(relation), columns, onColumn);
  }

  async distinctRows(relation: Relation, column: string): Promise<Relation> {
    return this.#local.distinctRows(await this.#here(relation), column);
  }

  async distinct(relation: Relation, column: string): Promise<readonly string[]> {
    return this.#local.distinct(await this.#here(relation), column);
  }

  async writeParquet(
    relation: Relation,
    path: string,
    part?: { readonly from: number; readonly to: number },
  ): Promise<void> {
    await this.#local.writeParquet(await this.#here(relation), path, part);
  }

  async openParquet(
    paths: readonly string[],
    scanned?: { readonly names: readonly string[]; readonly before: number; readonly columns: readonly string[] },
  ): Promise<Relation> {
    const relation = await this.#local.openParquet(paths, scanned);
    if (scanned !== undefined && (await this.#local.count(relation)) > 0) this.#scanned.add(relation.id);
    return relation;
  }

  async hashRows(relation: Relation, columns: readonly string[]): Promise<Relation> {
    return this.#local.hashRows(await this.#here(relation), columns);
  }

  async countDistinct(relation: Relation, column: string): Promise<number> {
    return this.#local.countDistinct(await this.#here(relation), column);
  }

  async times(relation: Relation, time: NonNullable<PrepareOptions['eventTime']>): Promise<QuantileSummary> {
    return this.#local.times(await this.#here(relation), time);
  }

  async *batches(
    relation: Relation,
    options?: { readonly columns?: readonly string[]; readonly batchRows?: number },
  ): AsyncGenerator<ColumnarBatch> {
    yield* this.#local.batches(await this.#here(relation), options);
  }

  async collect(relation: Relation, columns: readonly string[]): Promise<ReadonlyMap<string, Column>> {
    return this.#local.collect(await this.#here(relation), columns);
  }

  async close(): Promise<void> {
    await this.#local.close();
    // Views of the session go with it.
    await this.#session.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #columns(relation: Relation): readonly NamedColumn[] {
    return this.#spark.of(relation)?.columns ?? [];
  }

  /** Throws `RangeError` for a column that is not there. */
  #column(relation: Relation, wanted: string): NamedColumn {
    const columns = this.#columns(relation);
    const found = columns.find((column) => column.name === wanted);
    if (found !== undefined) return found;
    throw new RangeError(`no column "${wanted}" among ${columns.map((column) => column.name).join(', ')}`);
  }
}
