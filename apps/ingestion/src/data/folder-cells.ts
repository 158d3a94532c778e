import { BadData } from '@adstocrat/example-engine';

/** How Hive names the folder of rows without a value. */
const missing = '__HIVE_DEFAULT_PARTITION__';

/**
 * What the folders of a path say, as Hive, Spark and pyarrow name partitions: `country=DE/day=2026-11-01/part-0.csv`; null for a missing
 * value. What is special in a name is written there as in a URL.
 */
export function folderCells(path: string): ReadonlyMap<string, string | null> {
  const cells = new Map<string, string | null>();
  for (const folder of path.split('/').slice(0, -1)) {
    const [, column, value] = /^([^=]+)=(.*)$/s.exec(folder) ?? [];
    if (column === undefined || value === undefined) continue;
    cells.set(plain(column).trim(), value === missing ? null : plain(value));
  }
  return cells;
}

/** Those of the `columns`. Throws {@link BadData} where no folder of the path is called as one of them. */
export function declaredCells(
  path: string,
  file: string,
  columns: readonly string[],
): ReadonlyMap<string, string | null> {
  const all = folderCells(path);
  const absent = columns.find((column) => !all.has(column));
  if (absent !== undefined)
    throw new BadData(
      `${file} lies in no folder called ${absent}=…, as data.folders says: move it into one, or leave ${absent} out of data.folders`,
    );
  return new Map(columns.map((column) => [column, all.get(column) ?? null]));
}

function plain(name: string): string {
  try {
    const decoded = decodeURIComponent(name);
    return /[\u0000-\u001f]/.test(decoded) ? name : decoded;
  } catch {
    return name;
  }
}
