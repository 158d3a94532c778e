import { WriteOperation_SaveMode } from '../gen/spark/connect/commands.ts';
import type { Command } from '../gen/spark/connect/commands.ts';
import type { Relation } from '../gen/spark/connect/relations.ts';

/** A quoted identifier. */
export function name(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
}

/** SQL: a text as `canonicalText` of examples has it. */
export function canonical(text: string): string {
  // A class where a backslash would do, which texts of SQL read in their own ways; and $ is before a line end too.
  const isWhole = `${text} LIKE '%0' AND ${text} RLIKE '^-?(0|[1-9][0-9]*)[.]0+$'`;
  return `CASE WHEN ${text} IN ('True', 'TRUE', 'False', 'FALSE') THEN lower(${text})
    WHEN ${isWhole} THEN CASE WHEN ${text} LIKE '-0.%' THEN '0' ELSE split_part(${text}, '.', 1) END ELSE ${text} END`;
}

export function sql(query: string): Relation {
  return { sql: { query } };
}

/** What lies at these paths, files or folders. */
export function parquet(paths: readonly string[]): Relation {
  return { read: { dataSource: { format: 'parquet', paths: paths.map(fileUri) } } };
}

/** Writes a relation's parts into a folder. */
export function writeParquet(input: Relation, folder: string): Command {
  const mode = WriteOperation_SaveMode.SAVE_MODE_OVERWRITE;
  return { writeOperation: { input, source: 'parquet', path: fileUri(folder), mode } };
}

export function view(input: Relation, named: string): Command {
  return { createDataframeView: { input, name: named, isGlobal: false, replace: true } };
}

const fileUri = (path: string): string => `file://${path}`;
