import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { type Reject, type Rejects, type Relation, shownRejects } from '@adstocrat/example-engine';
import { rowColumn } from './row-column.ts';
import { name, text } from './sql-text.ts';

/** Reasons that are told apart. */
const shownReasons = 100;

const columns = ['file', 'line', 'reason', 'column', 'text'] as const;
export const rejectColumns = columns.map(name).join(', ');

/** A relation of rejects in the making. */
export class RejectTable {
  readonly relation: Relation;
  readonly #connection: DuckDBConnection;
  #appender: DuckDBAppender | undefined;
  #rows = 0;

  private constructor(connection: DuckDBConnection, relation: Relation) {
    this.#connection = connection;
    this.relation = relation;
  }

  static async create(connection: DuckDBConnection, relation: Relation): Promise<RejectTable> {
    await connection.run(
      `CREATE TABLE ${name(relation.id)} (${name(rowColumn)} BIGINT, "file" VARCHAR, "line" BIGINT, "reason" VARCHAR, "column" VARCHAR, "text" VARCHAR)`,
    );
    const table = new RejectTable(connection, relation);
    table.#appender = await connection.createAppender(relation.id);
    return table;
  }

  add({ file, line, column, reason, text }: Reject): void {
    const appender = this.#appender;
    if (appender === undefined) throw new TypeError('this table of rejects is finished');
    this.#rows += 1;
    appender.appendBigInt(BigInt(this.#rows));
    appender.appendVarchar(file);
    appender.appendBigInt(BigInt(line));
    for (const value of [reason, column, text]) {
      if (value === undefined) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }

  /** Adds what a query gives: row, file, line, reason, column, text. */
  async addAll(query: string): Promise<void> {
    this.#appender?.flushSync();
    await this.#connection.run(`INSERT INTO ${name(this.relation.id)} ${query}`);
  }

  /** No more follow. */
  async finish(): Promise<Rejects> {
    this.#appender?.closeSync();
    this.#appender = undefined;
    return rejectsOf(this.#connection, this.relation);
  }
}

/** A relation of rejects that another engine found, in Parquet files: `r`, `f` (a number among `files`), `l`, `why`, `at`, `text`. */
export async function rejectsFrom(
  connection: DuckDBConnection,
  relation: Relation,
  paths: readonly string[],
  files: readonly string[],
): Promise<Rejects> {
  const source =
    paths.length === 0
      ? `(SELECT NULL::BIGINT AS r, NULL::INTEGER AS f, NULL::BIGINT AS l, NULL::VARCHAR AS why, NULL::VARCHAR AS "at", NULL::VARCHAR AS text LIMIT 0)`
      : `read_parquet([${paths.map(text).join(', ')}])`;
  await connection.run(
    `CREATE TABLE ${name(relation.id)} AS SELECT r AS ${name(rowColumn)}, list_extract([${files.map(text).join(', ')}]::VARCHAR[], f + 1) AS "file",
       l AS "line", why AS "reason", "at" AS "column", text AS "text" FROM ${source} ORDER BY 1`,
  );
  return rejectsOf(connection, relation);
}

/** What a relation of rejects holds. */
async function rejectsOf(connection: DuckDBConnection, relation: Relation): Promise<Rejects> {
  const table = name(relation.id);
  const rows = async (query: string): Promise<readonly (readonly unknown[])[]> =>
    (await connection.runAndReadAll(query)).getRows();
  const counted = await rows(`SELECT count(*) FROM ${table}`);
  const reasons = await rows(
    `SELECT count(*), ${columns.map((column) => `arg_min(${name(column)}, ${name(rowColumn)})`).join(', ')}
     FROM ${table} GROUP BY "reason", "column" ORDER BY 1 DESC, min(${name(rowColumn)}) LIMIT ${shownReasons}`,
  );
  const first = await rows(`SELECT ${rejectColumns} FROM ${table} ORDER BY ${name(rowColumn)} LIMIT ${shownRejects}`);
  return {
    rows: Number(counted[0]?.[0]),
    reasons: reasons.map(([count, ...values]) => {
      const reject = rejectOf(values);
      return { reason: reject.reason, rows: Number(count), first: reject };
    }),
    first: first.map(rejectOf),
    table: relation,
  };
}

function rejectOf([file, line, reason, column, text]: readonly unknown[]): Reject {
  return {
    file: String(file),
    line: Number(line),
    ...(column == null ? {} : { column: String(column) }),
    reason: String(reason),
    ...(text == null ? {} : { text: String(text) }),
  };
}
