import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import {
  addedColumns,
  BadData,
  type DataFile,
  type ExampleEngine,
  keyTwice,
  type LabelRule,
  type Moments,
  type NamedColumn,
  originColumns,
  type PrepareOptions,
  type Reject,
  type Rejects,
  type Relation,
  type ScanOptions,
  type ScanResult,
  splitPoint,
  type SplitRule,
  type TermCount,
  type TypedColumn,
} from '@adstocrat/example-engine';
import {
  cellsInDigest,
  type Column,
  type ColumnarBatch,
  type ColumnType,
  labelWords,
  type RejectWords,
  reservedColumns,
  reservedPrefix,
  rowsOf,
  shownCharacters,
  type Split,
  timeWords,
} from '@adstocrat/examples';
import {
  type PartColumn,
  type PartNumbers,
  type PartStatistics,
  QuantileSketch,
  type QuantileSummary,
} from '@adstocrat/statistics';
import { appendValue } from './append-value.ts';
import { timeMs, trimmedCell, typedCell, utcOf, writesNoZone } from './cell-sql.ts';
import { columnFacts } from './column-facts.ts';
import { numbersOf, termsOf } from './describe-columns.ts';
import { readTextsInto } from './read-texts.ts';
import { rejectsFrom, RejectTable } from './reject-table.ts';
import { fileColumn, hiddenColumns, lineColumn, rowColumn } from './row-column.ts';
import { scanFilesInto } from './scan-files.ts';
import { setPseudonymKey, valueSql } from './personal-sql.ts';
import { canonicalSql, copyRows, name, sqlType, text } from './sql-text.ts';
import { type UnpackLimits, unpackLimits } from './unpacked-bytes.ts';
import { ColumnReader } from './vector-reading.ts';

/** A row's cells as they stood in the file: in the table only while it is made. */
const [rawLabel, rawTime] = [`${reservedPrefix}raw_label`, `${reservedPrefix}raw_time`];

const defaultThreads = 2;

export interface DuckDbOptions {
  /** Made where absent; holds what does not fit in memory. */
  readonly workDir: string;
  readonly threads?: number;
  /** DuckDB's own limit, for example `1GB` (default): what is larger goes to `workDir`. */
  readonly memoryLimit?: string;
  /** Times its own size that a packed file may become, above 256 MiB. Default: 300. */
  readonly unpackRatio?: number;
  /** Cuts the statement in progress, which throws then. */
  readonly signal?: AbortSignal;
}

/** {@link ExampleEngine} on DuckDB: one in-process database, tables in insertion order. */
export class DuckDbExampleEngine implements ExampleEngine {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal | undefined;
  /** Connections with a statement in progress, which the signal cuts. */
  readonly #cuttable: Set<DuckDBConnection>;
  readonly #cut = (): void => {
    for (const connection of this.#cuttable) connection.interrupt();
  };
  readonly #workDir: string;
  readonly #threads: number;
  readonly #limits: UnpackLimits;
  #tables = 0;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    { workDir, signal, threads = defaultThreads, unpackRatio = unpackLimits.ratio }: DuckDbOptions,
  ) {
    this.#threads = threads;
    this.#instance = instance;
    this.#workDir = workDir;
    this.#limits = { ...unpackLimits, ratio: unpackRatio };
    this.#connection = connection;
    this.#cuttable = new Set([connection]);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#cut);
  }

  static async open(options: DuckDbOptions): Promise<DuckDbExampleEngine> {
    mkdirSync(options.workDir, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      ...threadsOf(options.threads ?? defaultThreads),
      memory_limit: options.memoryLimit ?? '1GB',
      temp_directory: `${options.workDir}/duckdb-${randomUUID()}`,
      // What a statement freed goes back to the machine soon: this runs beside a service.
      allocator_flush_threshold: '16MB',
      allocator_bulk_deallocation_flush_threshold: '16MB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new DuckDbExampleEngine(instance, connection, options);
  }

  async scan(files: readonly DataFile[], options: ScanOptions = {}): Promise<ScanResult> {
    const rejects = await this.#newRejects();
    const [folder, path] = [
      `${this.#workDir}/records-${randomUUID()}`,
      `${this.#workDir}/rows-${randomUUID()}.parquet`,
    ];
    this.#written.push(path);
    const scanned = await scanFilesInto(this.#connection, path, files, {
      options,
      folder,
      rejects,
      signal: this.#signal,
      limits: this.#limits,
    });
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
    const facts = await columnFacts(this.#connection, parquetOf([path]), columns, rows);
    this.#scanned.set(table.id, path);
    return { table, rows, rejects: found, columns: facts, files: scanned.files };
  }

  /** Files that were made of scanned ones, which go with the session, and which of them is a relation. */
  readonly #written: string[] = [];
  readonly #scanned = new Map<string, string>();

  /** Views whose rows come in any order: those of a table are in the order in which it was made. */
  readonly #unordered = new Set<string>();

  /**
   * Of these the views whose rows come in order nevertheless, as long as what is joined fits in memory: one thread makes them, and each has
   * a match. A left join gives those without one after the others.
   */
  readonly #likelyInOrder = new Set<string>();

  /** What a copy of a relation ends with. Nearly every one lies in row order, which a copy keeps: a sort would hold all rows. */
  #orderOf({ id }: Relation): string {
    return this.#unordered.has(id) ? ` ORDER BY ${name(rowColumn)}` : '';
  }

  /** Names of the files of scanned relations and those made from them, by the number in a row. */
  readonly #files = new Map<string, readonly string[]>();

  async typed(
    relation: Relation,
    columns: readonly TypedColumn[],
    { origin = false }: { readonly origin?: boolean } = {},
  ): Promise<Relation> {
    const casts = columns.map((column) => `${typedCell(column.name, column.type, column)} AS ${name(column.name)}`);
    if (!origin)
      return this.#create(
        `SELECT ${[name(rowColumn), ...casts].join(', ')} FROM ${name(relation.id)} ORDER BY ${name(rowColumn)}`,
      );
    const files = await this.#textPairs([this.#files.get(relation.id) ?? []], (file) => file);
    const where = [name(originColumns.file), `${name(lineColumn)} AS ${name(originColumns.line)}`];
    const typed = await this.#create(
      `SELECT ${[name(rowColumn), ...casts, ...where].join(', ')} FROM ${name(relation.id)}
       JOIN (SELECT rowid AS ${name(fileColumn)}, a AS ${name(originColumns.file)} FROM ${name(files.id)}) USING (${name(fileColumn)})
       ORDER BY ${name(rowColumn)}`,
    );
    await this.#connection.run(`DROP TABLE ${name(files.id)}`);
    return typed;
  }

  async join(relation: Relation, table: Relation, key: string): Promise<Relation> {
    const [left, right] = [await this.#columns(relation), await this.#columns(table)];
    const added = addedColumns([...left.keys()], [...right.keys()], key).map((column) => `, t.${name(column)}`);
    const twice = await this.#rows(
      `SELECT ${name(key)} FROM ${name(table.id)} GROUP BY 1 HAVING count(*) > 1 AND ${name(key)} IS NOT NULL ORDER BY 1 LIMIT 1`,
    );
    if (twice[0] !== undefined) throw keyTwice(key, twice[0][0]);
    const isInOrder = await this.#joinsInOrder(relation, table);
    const joined = await this.#view(
      relation,
      isInOrder
        ? `SELECT e.*${added.join('')} FROM ${name(relation.id)} e
           JOIN ${name((await this.#completed(table, relation, key)).id)} t ON e.${name(key)} IS NOT DISTINCT FROM t.${name(key)}`
        : `SELECT e.*${added.join('')} FROM ${name(relation.id)} e LEFT JOIN ${name(table.id)} t ON e.${name(key)} = t.${name(key)}`,
    );
    if (isInOrder) this.#likelyInOrder.add(joined.id);
    this.#unordered.add(joined.id);
    const files = this.#files.get(relation.id);
    if (files !== undefined) this.#files.set(joined.id, files);
    return joined;
  }

  /** Whether one thread takes the rows one after the other and looks each up: it does where the table is by far the smaller of the two. */
  async #joinsInOrder(relation: Relation, table: Relation): Promise<boolean> {
    if (this.#threads > 1 || (this.#unordered.has(relation.id) && !this.#likelyInOrder.has(relation.id))) return false;
    return 2 * (await this.count(table)) < (await this.count(relation));
  }

  /** A table to join with a row for each key of a relation, also for those that it lacks and for none: each row has one match then. */
  #completed(table: Relation, relation: Relation, key: string): Promise<Relation> {
    const there = `SELECT * FROM ${name(table.id)} WHERE ${name(key)} IS NOT NULL`;
    return this.#create(
      `${there} UNION ALL BY NAME SELECT DISTINCT e.${name(key)} FROM ${name(relation.id)} e ANTI JOIN (${there}) t ON e.${name(key)} = t.${name(key)}`,
    );
  }

  async prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: Rejects }> {
    const { columns, label, eventTime, personalKey } = options;
    if (personalKey !== undefined) await setPseudonymKey(this.#connection, personalKey);
    const values = columns.map((column) => `${valueSql(column)} AS ${name(column.name)}`);
    const reserved = [
      `${labelValue(label)} AS ${name(reservedColumns.label)}`,
      `${idSql(options)} AS ${name(reservedColumns.id)}`,
      `${eventTime === undefined ? 'NULL::DOUBLE' : timeMs(eventTime.column, eventTime.format, eventTime.isClean)} AS ${name(reservedColumns.timeMs)}`,
    ];
    // In the row that has the time as written: each step of the zone asks for it.
    const time = name(reservedColumns.timeMs);
    const inZone =
      eventTime?.zone === undefined
        ? []
        : [
            `CASE WHEN ${writesNoZone(trimmedCell(rawTime), eventTime.format)} THEN ${utcOf(time, eventTime.zone)} ELSE ${time} END AS ${time}`,
          ];
    // Kept of rows that are set aside alone.
    const shown = (raw: string, value: string): string =>
      `CASE WHEN ${name(value)} IS NULL THEN left(${name(raw)}, ${shownCharacters}) END AS ${name(raw)}`;
    const replaced = [...inZone, shown(rawLabel, reservedColumns.label), shown(rawTime, reservedColumns.timeMs)];
    const origin = [fileColumn, lineColumn].map(name);
    const all = await this.#createInOrder(
      relation,
      `SELECT * REPLACE (${replaced.join(', ')}) FROM (SELECT ${[name(rowColumn), ...values, ...reserved, ...origin].join(', ')},
         ${name(label.column)} AS ${name(rawLabel)}, ${eventTime === undefined ? 'NULL::VARCHAR' : name(eventTime.column)} AS ${name(rawTime)}
       FROM ${name(relation.id)})`,
    );
    const rejects = await this.#newRejects();
    const files = await this.#textPairs([this.#files.get(relation.id) ?? []], (file) => file);
    const [noLabel, noTime] = [
      `${name(reservedColumns.label)} IS NULL`,
      eventTime === undefined ? 'false' : `${name(reservedColumns.timeMs)} IS NULL`,
    ];
    const said = (column: string, cell: string, { missing, wrong }: RejectWords): string =>
      `CASE WHEN trim(${name(cell)}) <> '' THEN ${text(wrong)} ELSE ${text(missing)} END, ${text(column)}, ${name(cell)}`;
    const found = [
      [noLabel, said(label.column, rawLabel, labelWords)],
      [`NOT ${noLabel} AND ${noTime}`, said(eventTime?.column ?? '', rawTime, timeWords(eventTime?.format ?? ''))],
    ].map(
      ([where, what]) =>
        `SELECT r.${name(rowColumn)}, f.a, ${name(lineColumn)}, ${what} FROM ${name(all.id)} r
         JOIN ${name(files.id)} f ON f.rowid = r.${name(fileColumn)} WHERE ${where}`,
    );
    await rejects.addAll(`${found.join(' UNION ALL ')} ORDER BY 1`);
    const table = await this.#view(
      all,
      `SELECT * EXCLUDE (${[rawLabel, rawTime, fileColumn, lineColumn].map(name).join(', ')}) FROM ${name(all.id)}
       WHERE NOT (${noLabel}) AND NOT (${noTime})`,
    );
    await this.#connection.run(`DROP TABLE ${name(files.id)}`);
    return { table, rows: await this.count(table), rejects: await rejects.finish() };
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
    return rejectsFrom(this.#connection, this.#newTable(), paths, this.#files.get(scanned.id) ?? []);
  }

  #newRejects(): Promise<RejectTable> {
    return RejectTable.create(this.#connection, this.#newTable());
  }

  async union(relations: readonly Relation[]): Promise<Relation> {
    const parts = relations.map(({ id }, part) => `SELECT ${part} AS part, * FROM ${name(id)}`);
    return this.#create(
      `SELECT row_number() OVER (ORDER BY part, ${name(rowColumn)}) AS ${name(rowColumn)}, * EXCLUDE (part, ${name(rowColumn)})
       FROM (${parts.join(' UNION ALL BY NAME ')}) ORDER BY 1`,
    );
  }

  withImages(relation: Relation, column: string, index: Relation): Promise<Relation> {
    return this.#create(
      `SELECT e.*, m."sha256" AS ${name(reservedColumns.image)} FROM ${name(relation.id)} e LEFT JOIN ${name(index.id)} m ON e.${name(column)} = m."value" ORDER BY e.${name(rowColumn)}`,
    );
  }

  async split(relation: Relation, rule: SplitRule): Promise<Readonly<Record<Split, Relation>>> {
    if (rule.by === 'time') {
      const time = name(reservedColumns.timeMs);
      const { testAfterMs, validationAfterMs } = rule;
      const [test, later] = [`${time} > ${testAfterMs}`, `${time} > ${validationAfterMs}`];
      const part = (which: string): Promise<Relation> =>
        this.#view(relation, `SELECT * FROM ${name(relation.id)} WHERE ${which}`);
      return {
        train: await part(`NOT coalesce(${later}, false) AND NOT coalesce(${test}, false)`),
        validation: await part(`${later} AND NOT (${test})`),
        test: await part(test),
      };
    }
    const sideOf = (value: string): Split => {
      const point = splitPoint(value);
      return point < rule.test ? 'test' : point < rule.test + rule.validation ? 'validation' : 'train';
    };
    const map = await this.#textPairs(this.#distinctValues(relation, rule.column), sideOf);
    const split = await this.#splitBy(
      relation,
      // Qualified: in a subquery DuckDB takes "user", quoted or not, for the name of who is asking.
      `coalesce((SELECT b FROM ${name(map.id)} m WHERE m.a = e.${name(rule.column)}::VARCHAR), 'train')`,
    );
    await this.#connection.run(`DROP TABLE ${name(map.id)}`);
    return split;
  }

  async #splitBy(relation: Relation, side: string): Promise<Readonly<Record<Split, Relation>>> {
    const sided = await this.#create(`SELECT e.*, ${side} AS "adstocrat.side" FROM ${name(relation.id)} e`);
    const part = (split: Split): Promise<Relation> =>
      this.#create(
        `SELECT * EXCLUDE ("adstocrat.side") FROM ${name(sided.id)} WHERE "adstocrat.side" = '${split}' ORDER BY ${name(rowColumn)}`,
      );
    const parts = { train: await part('train'), validation: await part('validation'), test: await part('test') };
    await this.#connection.run(`DROP TABLE ${name(sided.id)}`);
    return parts;
  }

  async fromBatches(
    columns: readonly NamedColumn[],
    batches: AsyncIterable<ColumnarBatch> | Iterable<ColumnarBatch>,
  ): Promise<Relation> {
    const table = this.#newTable();
    const types = columns.map((column) => `, ${name(column.name)} ${sqlType[column.type]}`);
    await this.#connection.run(`CREATE TABLE ${name(table.id)} (${name(rowColumn)} BIGINT${types.join('')})`);
    const appender = await this.#connection.createAppender(table.id);
    try {
      let rows = 0n;
      for await (const batch of batches) {
        const given = columns.map((column) => batch.columns.get(column.name));
        for (let row = 0; row < batch.rows; row += 1) {
          rows += 1n;
          appender.appendBigInt(rows);
          for (const [index, column] of columns.entries())
            appendValue(appender, column.type, given[index]?.values[row] ?? null);
          appender.endRow();
        }
        appender.flushSync();
      }
    } finally {
      appender.closeSync();
    }
    return table;
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
    const table = this.#newTable();
    const found = await readTextsInto(this.#connection, table.id, files, columns);
    return { table, rows: await this.count(table), ...found };
  }

  async countOf(relation: Relation, column: string, values: ReadonlySet<string>): Promise<number> {
    if (!(await this.#columns(relation)).has(column)) return 0;
    const wanted = await this.#textPairs([[...values]], () => '');
    const found = await this.#rows(
      `SELECT count(*) FROM ${name(relation.id)} e WHERE ${canonicalSql(`e.${name(column)}`)} IN (SELECT a FROM ${name(wanted.id)})`,
    );
    await this.#connection.run(`DROP TABLE ${name(wanted.id)}`);
    return Number(found[0]?.[0]);
  }

  async without(relation: Relation, column: string, values: ReadonlySet<string>): Promise<Relation> {
    const unwanted = await this.#textPairs([[...values]], () => '');
    const left = await this.#create(
      `SELECT * FROM ${name(relation.id)} e
       WHERE coalesce(${canonicalSql(`e.${name(column)}`)} NOT IN (SELECT a FROM ${name(unwanted.id)}), true) ORDER BY ${name(rowColumn)}`,
    );
    await this.#connection.run(`DROP TABLE ${name(unwanted.id)}`);
    return left;
  }

  async evenRows(relation: Relation, rows: number): Promise<Relation> {
    const step = Math.ceil((await this.count(relation)) / rows);
    return step <= 1
      ? relation
      : this.#view(relation, `SELECT * FROM ${name(relation.id)} WHERE ${name(rowColumn)} % ${step} = 0`);
  }

  async count(relation: Relation): Promise<number> {
    return Number((await this.#rows(`SELECT count(*) FROM ${name(relation.id)}`))[0]?.[0]);
  }

  async positives(relation: Relation): Promise<number> {
    return Number(
      (await this.#rows(`SELECT coalesce(sum(${name(reservedColumns.label)}), 0) FROM ${name(relation.id)}`))[0]?.[0],
    );
  }

  async moments(relation: Relation, column: string): Promise<Moments> {
    const { moments } = (await this.#numbers(relation, [column])).get(column) as PartNumbers;
    return moments;
  }

  async quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]> {
    const { quantiles } = (await this.#numbers(relation, [column])).get(column) as PartNumbers;
    return quantiles.count === 0 || probabilities.length === 0
      ? []
      : QuantileSketch.from([quantiles]).quantiles(probabilities);
  }

  async describe(
    relation: Relation,
    columns: readonly NamedColumn[],
    onColumn: (done: number) => void = () => undefined,
  ): Promise<PartStatistics> {
    const numbers = await this.#numbers(
      relation,
      columns.filter(({ type }) => type !== 'string').map((column) => column.name),
    );
    const described: PartColumn[] = [];
    for (const column of columns) {
      const { name: own, type } = column;
      const found = type === 'float' ? undefined : await termsOf(this.#connection, relation.id, column);
      const numeric = numbers.get(own);
      described.push({
        name: own,
        type,
        present: found?.present ?? numeric?.moments.count ?? 0,
        ...(numeric === undefined ? {} : { numbers: numeric }),
        ...(found === undefined ? {} : { terms: found.terms }),
      });
      onColumn(described.length);
    }
    return { rows: await this.count(relation), positives: await this.positives(relation), columns: described };
  }

  #numbers(relation: Relation, columns: readonly string[]): Promise<ReadonlyMap<string, PartNumbers>> {
    if (columns.length === 0) return Promise.resolve(new Map());
    return numbersOf(this.batches(relation, { columns, batchRows: 8192 }), columns);
  }

  async vocabulary(
    relation: Relation,
    column: string,
    options: { readonly limit?: number; readonly minCount?: number } = {},
  ): Promise<{ readonly terms: readonly TermCount[]; readonly distinct: number }> {
    const counted = `SELECT ${name(column)} AS value, count(*) AS n FROM ${name(relation.id)} WHERE ${name(column)} IS NOT NULL GROUP BY 1`;
    const rows = await this.#rows(
      `SELECT value, n FROM (${counted}) WHERE n >= ${options.minCount ?? 1} ORDER BY n DESC, value::VARCHAR${options.limit === undefined ? '' : ` LIMIT ${options.limit}`}`,
    );
    const distinct = await this.#rows(`SELECT count(*) FROM (${counted})`);
    return {
      terms: rows.map(([value, count]) => ({ value: String(value), count: Number(count) })),
      distinct: Number(distinct[0]?.[0]),
    };
  }

  async distinctRows(relation: Relation, column: string): Promise<Relation> {
    const value = name(column);
    return this.#create(
      `SELECT row_number() OVER () AS ${name(rowColumn)}, ${value} FROM (
         SELECT DISTINCT ${value} FROM ${name(relation.id)} WHERE ${value} IS NOT NULL ORDER BY 1)`,
    );
  }

  async distinct(relation: Relation, column: string): Promise<readonly string[]> {
    return (await Array.fromAsync(this.#distinctValues(relation, column))).flat();
  }

  async *#distinctValues(relation: Relation, column: string): AsyncGenerator<readonly string[]> {
    const query = `SELECT DISTINCT ${name(column)}::VARCHAR AS v FROM ${name(relation.id)} WHERE ${name(column)} IS NOT NULL ORDER BY v`;
    for await (const chunk of this.#chunks(query)) yield chunk.getColumnValues(0).map(String);
  }

  /** A result, a chunk at a time, on a connection of its own: a stream ends without a word when its connection is asked for more. */
  async *#chunks(query: string): AsyncGenerator<DuckDBDataChunk> {
    const connection = await this.#instance.connect();
    this.#cuttable.add(connection);
    try {
      const result = await connection.stream(query);
      for (;;) {
        const chunk = await result.fetchChunk();
        // A stream that is cut may look as one that has come to its end.
        this.#signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    } finally {
      this.#cuttable.delete(connection);
      connection.closeSync();
    }
  }

  async writeParquet(
    relation: Relation,
    path: string,
    part?: { readonly from: number; readonly to: number },
  ): Promise<void> {
    const scanned = this.#scanned.get(relation.id);
    if (scanned !== undefined && part === undefined) return linkFile(scanned, path);
    const rows =
      part === undefined ? '' : ` WHERE ${name(rowColumn)} > ${part.from} AND ${name(rowColumn)} <= ${part.to}`;
    const query = `SELECT * EXCLUDE (${name(rowColumn)}) FROM ${name(relation.id)}${rows}${this.#orderOf(relation)}`;
    await copyRows(this.#connection, query, path, this.#files.has(relation.id));
  }

  /** What another engine wrote of a relation with its row numbers, in parts in any order: in row order. */
  openParts(parts: readonly string[]): Promise<Relation> {
    return this.#create(`SELECT * FROM ${parquetOf(parts)} ORDER BY ${name(rowColumn)}`);
  }

  /** Writes Parquet with row, file and line, which no other engine could tell. */
  async writeAll(relation: Relation, path: string): Promise<void> {
    await copyRows(this.#connection, `SELECT * FROM ${name(relation.id)}`, path, true);
  }

  /** Not copied: what is asked of the relation reads the files, and only the columns that it needs. */
  async openParquet(
    paths: readonly string[],
    scanned?: { readonly names: readonly string[]; readonly before: number; readonly columns: readonly string[] },
  ): Promise<Relation> {
    const view = this.#newTable();
    const files = parquetOf(paths);
    const { names = [], before = 0, columns = [] } = scanned ?? {};
    const there = columns.length === 0 ? [] : (await this.#rows(`DESCRIBE SELECT * FROM ${files}`)).map(([one]) => one);
    const absent = columns.filter((column) => !there.includes(column));
    const missing = absent.map((column) => `, NULL::VARCHAR AS ${name(column)}`);
    await this.#connection.run(
      `CREATE VIEW ${name(view.id)} AS SELECT ${before} + row_number() OVER () AS ${name(rowColumn)}, *${missing.join('')} FROM ${files}`,
    );
    this.#parquet.set(view.id, files);
    if (names.length > 0) this.#files.set(view.id, names);
    return view;
  }

  hashRows(relation: Relation, columns: readonly string[]): Promise<Relation> {
    return this.#view(
      relation,
      `SELECT ${name(rowColumn)}, hash(${columns.map(name).join(', ')}) AS h FROM ${name(relation.id)}`,
    );
  }

  async countDistinct(relation: Relation, column: string): Promise<number> {
    return Number((await this.#rows(`SELECT count(DISTINCT ${name(column)}) FROM ${name(relation.id)}`))[0]?.[0]);
  }

  async times(
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
        SELECT ${timeMs(column, format, isClean)} AS ms, ${name(column)} AS cell FROM ${this.#inOrder(relation)}
      ) WHERE ms IS NOT NULL`;
    for await (const chunk of this.#chunks(query)) {
      reader.take(chunk, 0);
      sketch.addAll(reader.finish().values as Float64Array);
    }
    return sketch.summary();
  }

  /** Relations that are files, which are read without the numbers of their rows. */
  readonly #parquet = new Map<string, string>();

  /** What to read from to have the rows in order. */
  #inOrder({ id }: Relation): string {
    return (
      this.#parquet.get(id) ??
      (this.#unordered.has(id) ? `(SELECT * FROM ${name(id)} ORDER BY ${name(rowColumn)})` : name(id))
    );
  }

  async *batches(
    relation: Relation,
    options: { readonly columns?: readonly string[]; readonly batchRows?: number } = {},
  ): AsyncGenerator<ColumnarBatch> {
    const all = await this.#columns(relation);
    const wanted = options.columns ?? [...all.keys()];
    const absent = wanted.find((column) => !all.has(column));
    if (absent !== undefined) throw new RangeError(`no column "${absent}" among ${[...all.keys()].join(', ')}`);
    const types = wanted.map((column) => all.get(column) ?? 'string');
    // NaN for a missing number: a vector with NULLs is read several times as slowly.
    const list = wanted.map((column, index) =>
      types[index] === 'string' ? name(column) : `coalesce(${name(column)}::DOUBLE, 'NaN'::DOUBLE)`,
    );
    const query = `SELECT ${list.join(', ')} FROM ${this.#inOrder(relation)}`;
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
    for await (const chunk of this.#chunks(query)) {
      for (const [index, reader] of readers.entries()) reader.take(chunk, index);
      held += chunk.rowCount;
      if (held >= batchRows) yield* sliced(flush(), batchRows);
    }
    if (held > 0) yield* sliced(flush(), batchRows);
  }

  async collect(relation: Relation, columns: readonly string[]): Promise<ReadonlyMap<string, Column>> {
    for await (const batch of this.batches(relation, { columns, batchRows: Number.MAX_SAFE_INTEGER }))
      return batch.columns;
    const types = await this.#columns(relation);
    return new Map(columns.map((column) => [column, new ColumnReader(types.get(column) ?? 'string').finish()]));
  }

  close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#cut);
    this.#connection.closeSync();
    this.#instance.closeSync();
    for (const path of this.#written) rmSync(path, { force: true });
    return Promise.resolve();
  }

  #newTable(): Relation {
    this.#tables += 1;
    return { id: `relation_${this.#tables}` };
  }

  async #create(select: string): Promise<Relation> {
    const table = this.#newTable();
    await this.#connection.run(`CREATE TABLE ${name(table.id)} AS ${select}`);
    return table;
  }

  /** A table of what is selected from a relation, in row order. Rows that come in order are not sorted, a sixth of what it costs. */
  async #createInOrder(relation: Relation, select: string): Promise<Relation> {
    if (this.#likelyInOrder.has(relation.id)) {
      const table = await this.#create(select);
      // Rows that follow each other are each as far from their place as the first.
      const found = await this.#rows(
        `SELECT min(${name(rowColumn)} - rowid) IS NOT DISTINCT FROM max(${name(rowColumn)} - rowid) FROM ${name(table.id)}`,
      );
      if (found[0]?.[0] === true) return table;
      await this.#connection.run(`DROP TABLE ${name(table.id)}`);
    }
    return this.#create(`${select}${this.#orderOf(relation)}`);
  }

  /** Read anew whenever it is asked. Of a relation's rows, in as good an order as they are there. */
  async #view(of: Relation, select: string): Promise<Relation> {
    const view = this.#newTable();
    if (this.#unordered.has(of.id)) this.#unordered.add(view.id);
    await this.#connection.run(`CREATE VIEW ${name(view.id)} AS ${select}`);
    return view;
  }

  async #rows(query: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(query)).getRows();
  }

  /** Columns a caller sees, in order. */
  async columns(relation: Relation): Promise<readonly NamedColumn[]> {
    return Array.from(await this.#columns(relation), ([column, type]) => ({ name: column, type }));
  }

  async #columns(relation: Relation): Promise<ReadonlyMap<string, ColumnType>> {
    const rows = await this.#rows(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ${text(relation.id)} ORDER BY ordinal_position`,
    );
    const shown = rows.filter(([column]) => !hiddenColumns.has(String(column)));
    return new Map(shown.map(([column, type]) => [String(column), columnTypeOf(String(type))]));
  }

  /** Values and what is said of each, as columns a and b. */
  async #textPairs(
    values: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
    say: (value: string) => string,
  ): Promise<Relation> {
    const table = this.#newTable();
    await this.#connection.run(`CREATE TABLE ${name(table.id)} (a VARCHAR, b VARCHAR)`);
    const appender = await this.#connection.createAppender(table.id);
    for await (const some of values) {
      for (const value of some) {
        appender.appendVarchar(value);
        appender.appendVarchar(say(value));
        appender.endRow();
      }
    }
    appender.closeSync();
    return table;
  }
}

function parquetOf(paths: readonly string[]): string {
  return `read_parquet([${paths.map(text).join(', ')}])`;
}

/** A file under another name, which stays when the first goes. */
async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    // Another disk.
    await copyFile(from, to);
  }
}

/**
 * One thread is one of two of which the other is a caller's, who never comes: with one alone DuckDB cuts the rows of a file into groups
 * otherwise than with several, and the same rows would give other bytes.
 */
function threadsOf(threads: number): Readonly<Record<string, string>> {
  return threads === 1 ? { threads: '2', external_threads: '2' } : { threads: String(threads) };
}

function columnTypeOf(type: string): ColumnType {
  if (type === 'VARCHAR') return 'string';
  return type === 'DOUBLE' || type === 'FLOAT' ? 'float' : 'integer';
}

/** SQL of a row's id: a column's value, the digest of its cells, or its number. */
function idSql({ id, contentId }: Pick<PrepareOptions, 'id' | 'contentId'>): string {
  if (id !== undefined) return name(id);
  if (contentId === undefined) return `${name(rowColumn)}::VARCHAR`;
  const cells = contentId.map((column) => `coalesce(${name(column)}, ${text(cellsInDigest.missing)})`);
  return `md5(concat_ws(${text(cellsInDigest.between)}, ${cells.join(', ')}))`;
}

/** SQL of a row's label: 1, 0, or NULL for what is neither. Most cells are one of the values as they are, without blanks around it. */
function labelValue({ column, positive, negative, unlabelled }: LabelRule): string {
  const among = (cell: string, values: readonly string[]): string =>
    values.length === 0 ? 'false' : `${cell} IN (${values.map(text).join(', ')})`;
  const asItIs = (values: readonly string[] = []): string =>
    among(
      name(column),
      values.filter((value) => value === value.trim()),
    );
  const cell = trimmedCell(column);
  const [isPositive, isNegative] = [positive, negative].map((values) =>
    values === undefined ? `${cell} <> ''` : among(cell, values),
  );
  // Whatever is not the other side is asked for last.
  const sides = [`WHEN ${isPositive} THEN 1`, `WHEN ${isNegative} THEN 0`];
  const ordered = positive === undefined ? sides.toReversed() : sides;
  const missing = unlabelled === undefined ? '' : `WHEN coalesce(${cell}, '') = '' THEN 0 `;
  return `CASE WHEN ${asItIs(positive)} THEN 1 WHEN ${asItIs(negative)} THEN 0 ${ordered.join(' ')} ${missing}END`;
}

function* sliced(batch: ColumnarBatch, batchRows: number): Generator<ColumnarBatch> {
  if (batch.rows <= batchRows) yield batch;
  else for (let start = 0; start < batch.rows; start += batchRows) yield rowsOf(batch, start, start + batchRows);
}
