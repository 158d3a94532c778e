import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import {
  BadData,
  type CsvFile,
  type ExampleEngine,
  type Moments,
  type NamedColumn,
  type PrepareOptions,
  type Reject,
  type Relation,
  type ScanResult,
  splitPoint,
  type SplitRule,
  type TermCount,
  type TextFile,
} from '@adstocrat/example-engine';
import {
  type Column,
  type ColumnarBatch,
  type ColumnType,
  reservedColumns,
  reservedPrefix,
  type Split,
} from '@adstocrat/examples';
import { appendValue } from './append-value.ts';
import { labelValue } from './label-value.ts';
import { momentsOf } from './moments.ts';
import { linesOfRecords } from './record-lines.ts';
import { readTextsInto } from './read-texts.ts';
import { rowColumn } from './row-column.ts';
import { columnFacts, fileColumn, scanCsvInto } from './scan-csv.ts';
import { canonicalSql, name, sqlType, text } from './sql-text.ts';
import { ColumnReader } from './vector-reading.ts';

export interface DuckDbOptions {
  /** Made where absent; holds what does not fit in memory. */
  readonly workDir: string;
  readonly threads?: number;
  /** DuckDB's own limit, for example `1GB` (default): what is larger goes to `workDir`. */
  readonly memoryLimit?: string;
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
  #tables = 0;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, signal: AbortSignal | undefined) {
    this.#instance = instance;
    this.#connection = connection;
    this.#cuttable = new Set([connection]);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#cut);
  }

  static async open(options: DuckDbOptions): Promise<DuckDbExampleEngine> {
    mkdirSync(options.workDir, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads ?? 2),
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
    return new DuckDbExampleEngine(instance, connection, options.signal);
  }

  async scanCsv(files: readonly CsvFile[]): Promise<ScanResult> {
    const table = this.#newTable();
    const { rows, header, rejects, rejectedRecords } = await scanCsvInto(this.#connection, table.id, files);
    this.#origins.set(table.id, { files, rejectedRecords });
    return { table, rows, rejects, columns: await columnFacts(this.#connection, table.id, header, rows) };
  }

  /** Files of scanned relations and those made from them, to name the line of a bad row. */
  readonly #origins = new Map<string, Origin>();

  async join(relation: Relation, table: Relation, key: string): Promise<Relation> {
    const [left, right] = [await this.#columns(relation), await this.#columns(table)];
    if (!left.has(key)) throw new BadData(`the examples have no column "${key}" to join a table by`);
    if (!right.has(key)) throw new BadData(`the table to join has no column "${key}"`);
    const taken = [...right.keys()].find(
      (column) => column !== key && left.has(column) && !column.startsWith(reservedPrefix),
    );
    if (taken !== undefined)
      throw new BadData(`column "${taken}" is in the examples and in a joined table: rename one`);
    const twice = await this.#rows(
      `SELECT ${name(key)} FROM ${name(table.id)} GROUP BY 1 HAVING count(*) > 1 AND ${name(key)} IS NOT NULL ORDER BY 1 LIMIT 1`,
    );
    if (twice[0] !== undefined)
      throw new BadData(`the joined table has key ${key} = "${String(twice[0][0])}" more than once`);
    const added = [...right.keys()]
      .filter((column) => column !== key && !column.startsWith(reservedPrefix))
      .map((column) => `, t.${name(column)}`);
    const joined = await this.#create(
      `SELECT e.*${added.join('')} FROM ${name(relation.id)} e LEFT JOIN ${name(table.id)} t ON e.${name(key)} = t.${name(key)} ORDER BY e.${name(rowColumn)}`,
    );
    const origin = this.#origins.get(relation.id);
    if (origin !== undefined) this.#origins.set(joined.id, origin);
    return joined;
  }

  async prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: readonly Reject[] }> {
    const { types, label, id, eventTime, hashed } = options;
    const casts = [...types]
      .filter(([column]) => column !== label)
      .map(([column, type]) => {
        const value = cast(column, type);
        return `${hashed?.has(column) === true ? `left(sha256(${canonicalSql(value)}), 16)` : value} AS ${name(column)}`;
      });
    const reserved = [
      `${labelValue(label)} AS ${name(reservedColumns.label)}`,
      `${id === undefined ? `${name(rowColumn)}::VARCHAR` : name(id)} AS ${name(reservedColumns.id)}`,
      `${eventTime === undefined ? 'NULL::DOUBLE' : `(epoch_us(try_cast(${name(eventTime)} AS TIMESTAMPTZ)) // 1000)::DOUBLE`} AS ${name(reservedColumns.timeMs)}`,
    ];
    const all = await this.#create(
      `SELECT ${name(rowColumn)}, ${[...casts, ...reserved].join(', ')}, ${name(label)} AS ${name(`${reservedPrefix}raw`)}, ${name(fileColumn)}
       FROM ${name(relation.id)} ORDER BY ${name(rowColumn)}`,
    );
    const bad = [
      {
        where: `${name(reservedColumns.label)} IS NULL`,
        reason: (raw: unknown) =>
          raw === null ? `label ${label} is missing` : `label ${label} is "${String(raw)}", neither 0 nor 1`,
      },
      ...(eventTime === undefined
        ? []
        : [
            {
              where: `${name(reservedColumns.label)} IS NOT NULL AND ${name(reservedColumns.timeMs)} IS NULL`,
              reason: () => `event time ${eventTime} is missing or no timestamp`,
            },
          ]),
    ];
    const rejects: Reject[] = [];
    for (const { where, reason } of bad) rejects.push(...(await this.#rejected(relation, all, where, reason)));
    const keep = `${name(reservedColumns.label)} IS NOT NULL${eventTime === undefined ? '' : ` AND ${name(reservedColumns.timeMs)} IS NOT NULL`}`;
    const table = await this.#create(
      `SELECT * EXCLUDE (${name(`${reservedPrefix}raw`)}, ${name(fileColumn)}) FROM ${name(all.id)} WHERE ${keep} ORDER BY ${name(rowColumn)}`,
    );
    await this.#connection.run(`DROP TABLE ${name(all.id)}`);
    return { table, rows: await this.count(table), rejects };
  }

  async #rejected(
    source: Relation,
    all: Relation,
    where: string,
    reason: (raw: unknown) => string,
  ): Promise<readonly Reject[]> {
    const found = await this.#rows(
      `SELECT file, ordinal, raw FROM (SELECT ${name(fileColumn)} AS file, row_number() OVER (PARTITION BY ${name(fileColumn)} ORDER BY ${name(rowColumn)}) AS ordinal,
         ${name(`${reservedPrefix}raw`)} AS raw, (${where}) AS bad FROM ${name(all.id)}) WHERE bad ORDER BY file, ordinal`,
    );
    const origin = this.#origins.get(source.id);
    const rejects: Reject[] = [];
    for (const [path, rows] of Map.groupBy(found, ([file]) => String(file))) {
      const records = recordsOf(
        rows.map(([, ordinal]) => Number(ordinal)),
        origin?.rejectedRecords.get(path) ?? [],
      );
      const lines = await linesOfRecords(path, records);
      const file = origin?.files.find((one) => one.path === path)?.name ?? path;
      for (const [index, [, , raw]] of rows.entries()) {
        const record = records[index] ?? 0;
        rejects.push({ file, line: lines.get(record) ?? record + 1, reason: reason(raw) });
      }
    }
    return rejects;
  }

  async withImages(relation: Relation, column: string, digests: ReadonlyMap<string, string>): Promise<Relation> {
    const map = await this.#textPairs([[...digests.keys()]], (value) => digests.get(value) ?? '');
    const joined = await this.#create(
      `SELECT e.*, m.b AS ${name(reservedColumns.image)} FROM ${name(relation.id)} e LEFT JOIN ${name(map.id)} m ON e.${name(column)} = m.a ORDER BY e.${name(rowColumn)}`,
    );
    await this.#connection.run(`DROP TABLE ${name(map.id)}`);
    return joined;
  }

  async split(relation: Relation, rule: SplitRule): Promise<Readonly<Record<Split, Relation>>> {
    if (rule.by === 'time') {
      const time = name(reservedColumns.timeMs);
      const last = Number((await this.#rows(`SELECT max(${time}) FROM ${name(relation.id)}`))[0]?.[0]);
      const [testFrom, validationFrom] = [last - rule.testMs, last - rule.testMs - rule.validationMs];
      return this.#splitBy(
        relation,
        `CASE WHEN ${time} > ${testFrom} THEN 'test' WHEN ${time} > ${validationFrom} THEN 'validation' ELSE 'train' END`,
      );
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
    files: readonly TextFile[],
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

  async count(relation: Relation): Promise<number> {
    return Number((await this.#rows(`SELECT count(*) FROM ${name(relation.id)}`))[0]?.[0]);
  }

  async positives(relation: Relation): Promise<number> {
    return Number(
      (await this.#rows(`SELECT coalesce(sum(${name(reservedColumns.label)}), 0) FROM ${name(relation.id)}`))[0]?.[0],
    );
  }

  async moments(relation: Relation, column: string): Promise<Moments> {
    return momentsOf(this.batches(relation, { columns: [column], batchRows: 65_536 }), column);
  }

  async quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]> {
    if (probabilities.length === 0) return [];
    const rows = await this.#rows(
      `SELECT quantile_disc(${name(column)}::DOUBLE, [${probabilities.join(', ')}]) FROM ${name(relation.id)}`,
    );
    const list = rows[0]?.[0] as { readonly items: readonly number[] } | null | undefined;
    return list?.items ?? [];
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

  async writeParquet(relation: Relation, path: string): Promise<void> {
    // Not sorted: a relation lies in row order, and a copy keeps the order in which rows lie. A sort would hold them all.
    await this.#connection.run(
      `COPY (SELECT * EXCLUDE (${name(rowColumn)}) FROM ${name(relation.id)}) TO ${text(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)`,
    );
  }

  async openParquet(paths: readonly string[]): Promise<Relation> {
    const list = paths.map(text).join(', ');
    return this.#create(`SELECT row_number() OVER () AS ${name(rowColumn)}, * FROM read_parquet([${list}])`);
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
    const list = wanted.map((column, index) => (types[index] === 'string' ? name(column) : `${name(column)}::DOUBLE`));
    const query = `SELECT ${list.join(', ')} FROM ${name(relation.id)} ORDER BY ${name(rowColumn)}`;
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

  async #rows(query: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(query)).getRows();
  }

  /** Columns a caller sees, with their types, in order. */
  async #columns(relation: Relation): Promise<ReadonlyMap<string, ColumnType>> {
    const rows = await this.#rows(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ${text(relation.id)} ORDER BY ordinal_position`,
    );
    const shown = rows.filter(([column]) => column !== rowColumn && column !== fileColumn);
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

interface Origin {
  readonly files: readonly CsvFile[];
  readonly rejectedRecords: ReadonlyMap<string, readonly number[]>;
}

/** Records of accepted rows by their ordinal among them (1-based, ascending), where some records are not among them. */
function recordsOf(ordinals: readonly number[], rejected: readonly number[]): readonly number[] {
  let skipped = 0;
  return ordinals.map((ordinal) => {
    while (skipped < rejected.length && (rejected[skipped] ?? Infinity) <= ordinal + skipped) skipped += 1;
    return ordinal + skipped;
  });
}

function columnTypeOf(type: string): ColumnType {
  if (type === 'VARCHAR') return 'string';
  return type === 'DOUBLE' || type === 'FLOAT' ? 'float' : 'integer';
}

function cast(column: string, type: ColumnType): string {
  return type === 'string' ? name(column) : `try_cast(${name(column)} AS ${sqlType[type]})`;
}

function* sliced(batch: ColumnarBatch, batchRows: number): Generator<ColumnarBatch> {
  if (batch.rows <= batchRows) {
    yield batch;
    return;
  }
  for (let start = 0; start < batch.rows; start += batchRows) {
    const end = Math.min(batch.rows, start + batchRows);
    const columns = new Map<string, Column>();
    for (const [column, whole] of batch.columns) {
      columns.set(
        column,
        whole.type === 'string'
          ? { type: whole.type, values: whole.values.slice(start, end) }
          : { type: whole.type, values: whole.values.slice(start, end) },
      );
    }
    yield { rows: end - start, columns };
  }
}
