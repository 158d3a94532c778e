import { join } from 'node:path';
import { BadData, type ExampleEngine, NoHeaderLine, noHeaderLine, type ScanResult } from '@adstocrat/example-engine';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { scanOptions } from '../plan/scan-options.ts';
import { checkTolerated } from '../plan/tolerated.ts';
import { downloadFiles } from './download-files.ts';
import type { Input } from './find-input.ts';

/** A table that is joined by a column of the same name. */
export interface ScannedKeyTable {
  readonly scan: ScanResult;
  readonly path: string;
  readonly key: string;
}

/** Scans the tables, which fit in memory. Throws BadData where too much of one must be set aside. */
export async function scanTables(
  { held }: Pick<IngestDependencies, 'held'>,
  engine: ExampleEngine,
  input: Input,
  workDir: string,
): Promise<readonly ScannedKeyTable[]> {
  const { task, tables } = input;
  const scanned: ScannedKeyTable[] = [];
  for (const [index, { path, key, columns }] of task.data.tables.entries()) {
    const files = tables[index] ?? [];
    const local = await downloadFiles(input, files, join(workDir, `table-${index}`), held, () => undefined);
    // A table may be of another kind than the examples, and has columns of its own.
    const { kind: _, columns: __, ...options } = scanOptions(task);
    const named = files.map(({ uri }) => ({ path: local.get(uri) ?? '', name: uri }));
    const declared = columns && { columns: { names: columns, key: 'columns of data.tables' } };
    const scan = await engine.scan(named, { ...options, ...declared }).catch((error: unknown): never => {
      if (!(error instanceof NoHeaderLine)) throw error;
      throw new BadData(noHeaderLine(error.where, error.fields, inTable(path)), { cause: error });
    });
    const fields = scan.files[0]?.rowAsHeader;
    if (fields !== undefined && !scan.columns.some(({ name }) => name === key))
      throw new BadData(noHeaderLine(`${files[0]?.uri ?? path}:1`, fields, inTable(path)));
    checkTolerated(path, scan.rows, [scan.rejects], task.data.tolerate);
    scanned.push({ scan, path, key });
  }
  return scanned;
}

function inTable(path: string): string {
  return `in task.yaml, columns of the table ${path} of data.tables`;
}
