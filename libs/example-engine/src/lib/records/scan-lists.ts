import { BadData, type DataFile, type ExampleEngine, type ScanOptions, type ScanResult } from '../example-engine.ts';
import type { ListReading } from './json-cells.ts';

/** A column that holds no plain cells, of which nothing says how it is read: arrays, or what no reading makes cells of. */
export class UndeclaredArray extends BadData {
  /** The file, with the line where it has lines. */
  readonly where: string;
  readonly column: string;
  /** Its values are arrays or objects. */
  readonly isDeep: boolean;

  /** `what`: what it holds that no reading makes cells of, such as bytes. */
  constructor(
    where: string,
    { column, isDeep, what }: { readonly column: string; readonly isDeep: boolean; readonly what?: string },
  ) {
    super(
      what === undefined
        ? `${where}: column "${column}" holds an array: write into task.yaml how it is read, features: {${column}: list}, or leave it out by features: {${column}: ignore}`
        : `${where}: column "${column}" holds ${what}, which is no cell: leave it out by features: {${column}: ignore} in task.yaml, or write it as text`,
    );
    this.where = where;
    this.column = column;
    this.isDeep = isDeep;
  }
}

/**
 * Scans files whose columns of arrays show as they are read. `readingOf` says of each how it is read; undefined refuses the file, as
 * {@link UndeclaredArray}, and so does a reading by which each array costs its line where the file has none, as Parquet. What the scan's
 * options say of lists comes first.
 */
export async function scanLists(
  engine: Pick<ExampleEngine, 'scan'>,
  files: readonly DataFile[],
  options: ScanOptions,
  readingOf: (column: string, isDeep: boolean) => ListReading | undefined,
): Promise<ScanResult> {
  const lists = new Map(options.lists);
  for (;;)
    try {
      return await engine.scan(files, { ...options, lists });
    } catch (error) {
      const reading = error instanceof UndeclaredArray ? readingOf(error.column, error.isDeep) : undefined;
      if (!(error instanceof UndeclaredArray) || reading === undefined || lists.has(error.column)) throw error;
      lists.set(error.column, reading);
    }
}
