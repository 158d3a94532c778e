import type { DuckDBConnection } from '@duckdb/node-api';
import type { DataFile, NamedColumn, Reject } from '@adstocrat/example-engine';
import { reservedPrefix } from '@adstocrat/examples';
import { rowColumn } from './row-column.ts';
import { name, sqlType, text } from './sql-text.ts';

/** Rejects that are listed; the rest is only counted. */
const listed = 1000;
/** Where a row came from and what is wrong with it: in the table only while it is made. */
const [fileOf, lineOf, badColumn, badValue] = ['file', 'line', 'bad', 'value'].map(
  (one) => `${reservedPrefix}${one}`,
) as [string, string, string, string];

const wrong: Readonly<Record<NamedColumn['type'], string>> = {
  string: 'holds a NUL',
  integer: 'is no whole number up to 2^53',
  float: 'is no finite number',
};

/** SQL: whether a text is no value of the type. NULL for a missing one. */
function misfit(column: string, type: NamedColumn['type']): string {
  const value = name(column);
  if (type === 'string') return `contains(${value}, chr(0))`;
  if (type === 'float') return `coalesce(NOT isfinite(try_cast(${value} AS DOUBLE)), ${value} IS NOT NULL)`;
  const integer = `try_cast(${value} AS BIGINT)`;
  return `coalesce(${integer}::VARCHAR <> ${value} OR abs(${integer}) > 9007199254740992, ${value} IS NOT NULL)`;
}

/** Reads Parquet files of text columns into a typed table, without the rows that do not fit. */
export async function readTextsInto(
  connection: DuckDBConnection,
  table: string,
  files: readonly DataFile[],
  columns: readonly NamedColumn[],
): Promise<{ readonly rejectedRows: number; readonly rejects: readonly Reject[] }> {
  const nameOf = new Map(files.map((file) => [file.path, file.name]));
  const source = `read_parquet([${files.map(({ path }) => text(path)).join(', ')}], union_by_name = true, filename = ${text(fileOf)}, file_row_number = true)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const there = new Set(described.getRows().map(([column]) => String(column)));
  const casts = columns.map(({ name: column, type }) => {
    if (!there.has(column)) return `NULL::${sqlType[type]} AS ${name(column)}`;
    return type === 'string' ? name(column) : `try_cast(${name(column)} AS ${sqlType[type]}) AS ${name(column)}`;
  });
  const reserved = [...there].filter((column) => column.startsWith(reservedPrefix)).map(name);
  const raw = columns.filter(({ name: column }) => there.has(column));
  const firstOf = (value: (column: NamedColumn) => string): string =>
    raw.length === 0
      ? 'NULL::VARCHAR'
      : `CASE ${raw.map((column) => `WHEN ${misfit(column.name, column.type)} THEN ${value(column)}`).join(' ')} END`;
  await connection.run(
    `CREATE TABLE ${name(table)} AS SELECT row_number() OVER () AS ${name(rowColumn)}, ${[...casts, ...reserved].join(', ')},
       ${name(fileOf)}, file_row_number + 1 AS ${name(lineOf)},
       ${firstOf((column) => text(column.name))} AS ${name(badColumn)},
       ${firstOf((column) => `left(${name(column.name)}, 80)`)} AS ${name(badValue)}
     FROM ${source}`,
  );
  const bad = await connection.runAndReadAll(
    `SELECT ${[fileOf, lineOf, badColumn, badValue].map(name).join(', ')}, count(*) OVER () FROM ${name(table)}
     WHERE ${name(badColumn)} IS NOT NULL ORDER BY ${name(rowColumn)} LIMIT ${listed}`,
  );
  const rows = bad.getRows();
  if (rows.length > 0) await connection.run(`DELETE FROM ${name(table)} WHERE ${name(badColumn)} IS NOT NULL`);
  for (const column of [fileOf, lineOf, badColumn, badValue])
    await connection.run(`ALTER TABLE ${name(table)} DROP COLUMN ${name(column)}`);
  const typeOf = new Map(columns.map((column) => [column.name, column.type]));
  const rejects = rows.map(([file, line, column, value]) => ({
    file: nameOf.get(String(file)) ?? String(file),
    line: Number(line),
    column: String(column),
    reason: wrong[typeOf.get(String(column)) ?? 'string'],
    text: String(value).replaceAll('\u0000', '\\0'),
  }));
  return { rejectedRows: Number(rows[0]?.[4] ?? 0), rejects };
}
