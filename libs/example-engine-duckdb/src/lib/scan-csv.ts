import type { DuckDBConnection } from '@duckdb/node-api';
import { BadData, type ColumnFacts, type CsvFile, type Reject } from '@adstocrat/example-engine';
import { reservedPrefix } from '@adstocrat/examples';
import { readSharedHeader } from './csv-header.ts';
import { linesOfRecords } from './record-lines.ts';
import { name, text } from './sql-text.ts';
import { rowColumn } from './row-column.ts';

/** Columns that tell where a scanned row came from. */
export const fileColumn = `${reservedPrefix}file`;

export interface Scanned {
  readonly rows: number;
  readonly header: readonly string[];
  readonly rejects: readonly Reject[];
  /** By path: which records (0 is the header) are not in the table. */
  readonly rejectedRecords: ReadonlyMap<string, readonly number[]>;
}

/** Reads CSV files into a table of text columns, in file and row order. */
export async function scanCsvInto(
  connection: DuckDBConnection,
  table: string,
  files: readonly CsvFile[],
): Promise<Scanned> {
  const header = await readSharedHeader(files);
  const taken = header.find((column) => column.startsWith(reservedPrefix));
  if (taken !== undefined)
    throw new BadData(`column "${taken}": names that begin with "${reservedPrefix}" are reserved; rename it`);
  const columns = header.map((column) => `${text(column)}: 'VARCHAR'`).join(', ');
  const paths = files.map((file) => text(file.path)).join(', ');
  const nameOf = new Map(files.map((file) => [file.path, file.name]));
  const options = [
    ...[
      'auto_detect = false',
      'header = true',
      `columns = {${columns}}`,
      "delim = ','",
      "quote = '\"'",
      "escape = '\"'",
    ],
    ...[
      "nullstr = ''",
      'allow_quoted_nulls = true',
      'store_rejects = true',
      'filename = true',
      'strict_mode = true',
      'max_line_size = 16777216',
    ],
  ].join(', ');
  try {
    await connection.run(
      `CREATE TABLE ${name(table)} AS SELECT row_number() OVER () AS ${name(rowColumn)}, ${header.map(name).join(', ')}, filename AS ${name(fileColumn)}
       FROM read_csv([${paths}], ${options})`,
    );
  } catch (error) {
    throw asBadData(error as Error, nameOf);
  }
  const rejected = await connection.runAndReadAll(
    `SELECT s.file_path, e.line, first(e.error_message ORDER BY e.column_idx), first(e.error_type ORDER BY e.column_idx)
     FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY ALL ORDER BY 1, 2`,
  );
  const rejects: Reject[] = [];
  const rejectedRecords = new Map<string, readonly number[]>();
  for (const [path, rows] of Map.groupBy(rejected.getRows(), ([file]) => String(file))) {
    // DuckDB counts records, not lines: a newline inside quotes moves every line after it.
    const records = rows.map(([, line]) => Number(line) - 1);
    const lines = await linesOfRecords(path, records);
    rejectedRecords.set(path, records);
    for (const [index, [, , message, type]] of rows.entries()) {
      const record = records[index] ?? 0;
      rejects.push({
        file: nameOf.get(path) ?? path,
        line: lines.get(record) ?? record + 1,
        reason: reasonOf(String(type), String(message), header.length),
      });
    }
  }
  await connection.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${name(table)}`);
  const rows = Number(counted.getRows()[0]?.[0]);
  if (rows === 0) {
    throw new BadData(
      `no row can be read from ${files.map((file) => file.name).join(', ')}${rejects[0] === undefined ? ': only a header' : `: ${rejects[0].reason}`}`,
    );
  }
  return { rows, header, rejects, rejectedRecords };
}

/** What would fit each text column, from its values. */
export async function columnFacts(
  connection: DuckDBConnection,
  table: string,
  header: readonly string[],
  rows: number,
): Promise<readonly ColumnFacts[]> {
  const facts: ColumnFacts[] = [];
  for (let start = 0; start < header.length; start += 20) {
    const part = header.slice(start, start + 20);
    const sums = part.map((column) => {
      const c = name(column);
      // A number counts as one only where it is written as one: 007 and 1e400 stay text.
      const integer = `(try_cast(${c} AS BIGINT)::VARCHAR = ${c} AND abs(try_cast(${c} AS BIGINT)) <= 9007199254740992)`;
      const float = `(isfinite(try_cast(${c} AS DOUBLE)) AND NOT regexp_matches(${c}, '^[-+]?0[0-9]|[\\s_a-df-zA-DF-Z]') AND NOT (try_cast(${c} AS DOUBLE) = floor(try_cast(${c} AS DOUBLE)) AND abs(try_cast(${c} AS DOUBLE)) >= 9007199254740992 AND ${c} NOT LIKE '%.%'))`;
      const time = `(length(${c}) >= 10 AND try_cast(${c} AS TIMESTAMPTZ) IS NOT NULL)`;
      return [
        `count(${c})`,
        `count(*) FILTER (${integer})`,
        `count(*) FILTER (${float})`,
        `count(*) FILTER (${time})`,
        rows > 1_000_000 ? `approx_count_distinct(${c})` : `count(DISTINCT ${c})`,
      ].join(', ');
    });
    const result = await connection.runAndReadAll(`SELECT ${sums.join(', ')} FROM ${name(table)}`);
    const values = (result.getRows()[0] ?? []).map(Number);
    for (const [index, column] of part.entries()) {
      const [present = 0, integers, floats, times, distinct = 0] = values.slice(index * 5, index * 5 + 5);
      const inferred =
        present === 0 ? 'string' : integers === present ? 'integer' : floats === present ? 'float' : 'string';
      facts.push({
        name: column,
        inferred,
        timestamp: present > 0 && times === present,
        missing: rows - present,
        distinct,
      });
    }
  }
  return facts;
}

function reasonOf(type: string, message: string, columns: number): string {
  if (type === 'MISSING COLUMNS' || type === 'TOO MANY COLUMNS') {
    const found = /(?:actual number of columns|found|but found|Actual[^\d]*)\D*(\d+)/i.exec(message)?.[1];
    return `${type === 'MISSING COLUMNS' ? 'too few' : 'too many'} fields${found === undefined ? '' : `: ${found}`}, the header has ${columns}`;
  }
  if (type === 'UNQUOTED VALUE') return 'a quoted field does not end as it should: a quote inside it must be doubled';
  if (type === 'INVALID ENCODING' || type === 'INVALID UNICODE') return 'not UTF-8';
  return message.split('\n')[0] ?? type.toLowerCase();
}

function asBadData(error: Error, nameOf: ReadonlyMap<string, string>): Error {
  let message = error.message;
  let file = '';
  for (const [path, fileName] of nameOf) {
    if (message.includes(path)) file = fileName;
    message = message.replaceAll(path, fileName);
  }
  if (/gzip|decompress|miniz|truncated|corrupt/i.test(message)) {
    return new BadData(
      `${file === '' ? [...nameOf.values()].join(', ') : file}: truncated or damaged gzip; fetch it again`,
      { cause: error },
    );
  }
  return new BadData(message, { cause: error });
}
