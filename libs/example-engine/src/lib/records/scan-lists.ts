import { BadData, type DataFile, type ExampleEngine, type ScanOptions, type ScanResult } from '../example-engine.ts';

/** An array in a column of which nothing says how it is read. */
export class UndeclaredArray extends BadData {
  readonly column: string;
  /** Its values are arrays or objects. */
  readonly isDeep: boolean;

  constructor(where: string, { column, isDeep }: { readonly column: string; readonly isDeep: boolean }) {
    super(
      `${where}: column "${column}" holds an array: write into task.yaml how it is read, features: {${column}: list}, or leave it out by features: {${column}: ignore}`,
    );
    this.column = column;
    this.isDeep = isDeep;
  }
}

/**
 * Scans files whose columns of arrays show as they are read. `separatorOf` says of each what stands between its values in a cell, null
 * to leave it out, undefined to refuse it, as {@link UndeclaredArray}. What the scan's options say of lists comes first.
 */
export async function scanLists(
  engine: Pick<ExampleEngine, 'scan'>,
  files: readonly DataFile[],
  options: ScanOptions,
  separatorOf: (column: string, isDeep: boolean) => string | null | undefined,
): Promise<ScanResult> {
  const lists = new Map(options.lists);
  for (;;)
    try {
      return await engine.scan(files, { ...options, lists });
    } catch (error) {
      const separator = error instanceof UndeclaredArray ? separatorOf(error.column, error.isDeep) : undefined;
      if (!(error instanceof UndeclaredArray) || separator === undefined || lists.has(error.column)) throw error;
      lists.set(error.column, separator);
    }
}
