import { WriteOperation_SaveMode } from '../gen/spark/connect/commands.ts';
import type { Command } from '../gen/spark/connect/commands.ts';
import type { Relation } from '../gen/spark/connect/relations.ts';

/** A quoted identifier. */
export function name(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
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
