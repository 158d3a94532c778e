import {
  type DataFile,
  type ExampleEngine,
  NoHeaderLine,
  numberedColumns,
  type ScanOptions,
  type ScanResult,
} from '@adstocrat/example-engine';

import { type ArrayReading, scanArrays } from './scan-arrays.ts';

/** What to ask of `init` where files have no header line. */
export const labelByNumber = 'or name the label by its number, --label column_N, and init writes all of them';

/** The name of a column that has none. */
const numbered = /^column_[1-9]\d*$/;

/**
 * Scans a file whose columns nobody has named yet. Where the label is a column by its number, and the first line looks like a row and
 * names no such column, it is a row: `numbered` are the columns then. Throws what a scan does, `NoHeaderLine` where names are needed.
 * Arrays are read as {@link scanArrays} does.
 */
export async function scanUnnamed(
  engine: ExampleEngine,
  file: DataFile,
  label: string,
  options: ScanOptions,
): Promise<{
  readonly scan: ScanResult;
  readonly arrays: ReadonlyMap<string, ArrayReading>;
  readonly numbered?: readonly string[];
}> {
  let fields: number | undefined;
  try {
    const found = await scanArrays(engine, file, { ...options, label });
    const { scan } = found;
    fields = scan.files[0]?.rowAsHeader;
    if (fields === undefined || !numbered.test(label) || scan.columns.some(({ name }) => name === label)) return found;
  } catch (error) {
    if (!(error instanceof NoHeaderLine) || !numbered.test(label)) throw error;
    ({ fields } = error);
  }
  const names = numberedColumns(fields);
  const columns = { names, key: 'data.columns' };
  return { ...(await scanArrays(engine, file, { ...options, columns, label })), numbered: names };
}
