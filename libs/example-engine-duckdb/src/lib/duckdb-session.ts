import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import type { NamedColumn, Relation } from '@adstocrat/example-engine';
import type { ColumnType } from '@adstocrat/examples';
import { hiddenColumns, rowColumn } from './row-column.ts';
import { name, text } from './sql-text.ts';
import { type UnpackLimits, unpackLimits } from './unpacked-bytes.ts';

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

/** What is known of a relation beside its rows. */
export interface RelationTraits {
  /** Names of the files that it was made from, by the number in a row. */
  readonly files?: readonly string[];
  /** SQL of the Parquet files that it is, which are read without the numbers of their rows. */
  readonly parquet?: string;
  /** The one file of the session that it is. */
  readonly scanned?: string;
  /** A view whose rows come in any order: those of a table are in the order in which it was made. */
  readonly isUnordered?: boolean;
  /**
   * Of these one whose rows come in order nevertheless, as long as what is joined fits in memory: one thread makes them, and each has a
   * match. A left join gives those without one after the others.
   */
  readonly isLikelyInOrder?: boolean;
}

/** One database in this process, and the relations in it: tables in the order in which they were made, and views. */
export class DuckDbSession {
  readonly connection: DuckDBConnection;
  readonly workDir: string;
  readonly threads: number;
  readonly limits: UnpackLimits;
  readonly signal: AbortSignal | undefined;
  readonly #instance: DuckDBInstance;
  /** Connections with a statement in progress, which the signal cuts. */
  readonly #cuttable: Set<DuckDBConnection>;
  readonly #cut = (): void => {
    for (const connection of this.#cuttable) connection.interrupt();
  };
  readonly #traits = new Map<string, RelationTraits>();
  readonly #files: string[] = [];
  #tables = 0;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    { workDir, signal, threads = defaultThreads, unpackRatio = unpackLimits.ratio }: DuckDbOptions,
  ) {
    this.#instance = instance;
    this.connection = connection;
    this.workDir = workDir;
    this.threads = threads;
    this.limits = { ...unpackLimits, ratio: unpackRatio };
    this.signal = signal;
    this.#cuttable = new Set([connection]);
    signal?.addEventListener('abort', this.#cut);
  }

  static async open(options: DuckDbOptions): Promise<DuckDbSession> {
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
    // For every connection to it: with one's own, the others have the zone of the machine.
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    return new DuckDbSession(instance, connection, options);
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.#cut);
    this.connection.closeSync();
    this.#instance.closeSync();
    for (const path of this.#files) rmSync(path, { force: true });
  }

  /** The path of a file that goes with the session. */
  newFile(path: string): string {
    this.#files.push(path);
    return path;
  }

  newTable(): Relation {
    this.#tables += 1;
    return { id: `relation_${this.#tables}` };
  }

  traits({ id }: Relation): RelationTraits {
    return this.#traits.get(id) ?? {};
  }

  /** Adds to what is known of a relation. */
  note(relation: Relation, traits: RelationTraits): void {
    this.#traits.set(relation.id, { ...this.traits(relation), ...traits });
  }

  async create(select: string): Promise<Relation> {
    const table = this.newTable();
    await this.connection.run(`CREATE TABLE ${name(table.id)} AS ${select}`);
    return table;
  }

  /** A table of what is selected from a relation, in row order. Rows that come in order are not sorted, a sixth of what it costs. */
  async createInOrder(relation: Relation, select: string): Promise<Relation> {
    if (this.traits(relation).isLikelyInOrder === true) {
      const table = await this.create(select);
      // Rows that follow each other are each as far from their place as the first.
      const found = await this.rows(
        `SELECT min(${name(rowColumn)} - rowid) IS NOT DISTINCT FROM max(${name(rowColumn)} - rowid) FROM ${name(table.id)}`,
      );
      if (found[0]?.[0] === true) return table;
      await this.drop(table);
    }
    return this.create(`${select}${this.orderOf(relation)}`);
  }

  /** Read anew whenever it is asked. Of a relation's rows, in as good an order as they are there. */
  async view(of: Relation, select: string): Promise<Relation> {
    const view = this.newTable();
    if (this.traits(of).isUnordered === true) this.note(view, { isUnordered: true });
    await this.connection.run(`CREATE VIEW ${name(view.id)} AS ${select}`);
    return view;
  }

  async drop(table: Relation): Promise<void> {
    await this.connection.run(`DROP TABLE ${name(table.id)}`);
  }

  /** Values and what is said of each, as columns a and b. */
  async textPairs(
    values: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
    say: (value: string) => string,
  ): Promise<Relation> {
    const table = this.newTable();
    await this.connection.run(`CREATE TABLE ${name(table.id)} (a VARCHAR, b VARCHAR)`);
    const appender = await this.connection.createAppender(table.id);
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

  async rows(query: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.connection.runAndReadAll(query)).getRows();
  }

  /** The first value of the first row. */
  async number(query: string): Promise<number> {
    return Number((await this.rows(query))[0]?.[0]);
  }

  count({ id }: Relation): Promise<number> {
    return this.number(`SELECT count(*) FROM ${name(id)}`);
  }

  /** Columns that a caller sees, in order. */
  async columns(relation: Relation): Promise<ReadonlyMap<string, ColumnType>> {
    const rows = await this.rows(
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ${text(relation.id)} ORDER BY ordinal_position`,
    );
    const shown = rows.filter(([column]) => !hiddenColumns.has(String(column)));
    return new Map(shown.map(([column, type]) => [String(column), columnTypeOf(String(type))]));
  }

  async namedColumns(relation: Relation): Promise<readonly NamedColumn[]> {
    return Array.from(await this.columns(relation), ([column, type]) => ({ name: column, type }));
  }

  /** What a copy of a relation ends with. Nearly every one lies in row order, which a copy keeps: a sort would hold all rows. */
  orderOf(relation: Relation): string {
    return this.traits(relation).isUnordered === true ? ` ORDER BY ${name(rowColumn)}` : '';
  }

  /** What to read from to have the rows in order. */
  inOrder(relation: Relation): string {
    const { parquet, isUnordered } = this.traits(relation);
    if (parquet !== undefined) return parquet;
    return isUnordered === true
      ? `(SELECT * FROM ${name(relation.id)} ORDER BY ${name(rowColumn)})`
      : name(relation.id);
  }

  /** A result, a chunk at a time, on a connection of its own: a stream ends without a word when its connection is asked for more. */
  async *chunks(query: string): AsyncGenerator<DuckDBDataChunk> {
    const connection = await this.#instance.connect();
    this.#cuttable.add(connection);
    try {
      const result = await connection.stream(query);
      for (;;) {
        const chunk = await result.fetchChunk();
        // A stream that is cut may look as one that has come to its end.
        this.signal?.throwIfAborted();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    } finally {
      this.#cuttable.delete(connection);
      connection.closeSync();
    }
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
