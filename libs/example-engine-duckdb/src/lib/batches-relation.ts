import { randomUUID } from 'node:crypto';
import type { DuckDBAppender } from '@duckdb/node-api';
import type { NamedColumn, Relation } from '@adstocrat/example-engine';
import type { ColumnarBatch } from '@adstocrat/examples';
import { appendValue } from './append-value.ts';
import type { DuckDbSession } from './duckdb-session.ts';
import { openParquetFiles } from './parquet-relation.ts';
import { rowColumn } from './row-column.ts';
import { copyRows, name, sqlType } from './sql-text.ts';

/** Rows that are in memory, at most, but for the last batch. */
const heldRows = 32_768;

/** Rows that come in batches, numbered as they come: a table where they are few, and else files of the session. */
export async function relationOfBatches(
  session: DuckDbSession,
  columns: readonly NamedColumn[],
  batches: AsyncIterable<ColumnarBatch> | Iterable<ColumnarBatch>,
): Promise<Relation> {
  const parts: string[] = [];
  let held = await HeldRows.none(session, columns);
  try {
    for await (const batch of batches) {
      held.append(batch);
      if (held.rows < heldRows) continue;
      parts.push(await held.putAway());
      held = await HeldRows.none(session, columns);
    }
    if (parts.length === 0) return held.table;
    parts.push(await held.putAway());
  } finally {
    held.close();
  }
  return openParquetFiles(session, parts);
}

/** A table in the making. */
class HeldRows {
  readonly table: Relation;
  rows = 0;
  readonly #session: DuckDbSession;
  readonly #columns: readonly NamedColumn[];
  readonly #appender: DuckDBAppender;
  #isClosed = false;

  private constructor(
    session: DuckDbSession,
    columns: readonly NamedColumn[],
    table: Relation,
    appender: DuckDBAppender,
  ) {
    this.#session = session;
    this.#columns = columns;
    this.table = table;
    this.#appender = appender;
  }

  static async none(session: DuckDbSession, columns: readonly NamedColumn[]): Promise<HeldRows> {
    const table = session.newTable();
    const types = columns.map((column) => `, ${name(column.name)} ${sqlType[column.type]}`);
    await session.connection.run(`CREATE TABLE ${name(table.id)} (${name(rowColumn)} BIGINT${types.join('')})`);
    return new HeldRows(session, columns, table, await session.connection.createAppender(table.id));
  }

  append(batch: ColumnarBatch): void {
    const given = this.#columns.map((column) => batch.columns.get(column.name));
    for (let row = 0; row < batch.rows; row += 1) {
      this.rows += 1;
      this.#appender.appendBigInt(BigInt(this.rows));
      for (const [index, column] of this.#columns.entries())
        appendValue(this.#appender, column.type, given[index]?.values[row] ?? null);
      this.#appender.endRow();
    }
    this.#appender.flushSync();
  }

  /** The table becomes a file, the path of which this resolves with: rows that are deleted would still take memory. */
  async putAway(): Promise<string> {
    this.close();
    const path = this.#session.newFile(`${this.#session.workDir}/batches-${randomUUID()}.parquet`);
    const query = `SELECT * EXCLUDE (${name(rowColumn)}) FROM ${name(this.table.id)}`;
    await copyRows(this.#session.connection, query, path);
    await this.#session.drop(this.table);
    return path;
  }

  close(): void {
    if (!this.#isClosed) this.#appender.closeSync();
    this.#isClosed = true;
  }
}
