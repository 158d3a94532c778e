import { type DuckDBConnection, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { type Lists, UndeclaredArray } from '@adstocrat/example-engine';
import { isFractional, numberText } from './number-sql.ts';
import { canonicalSql, name, text } from './sql-text.ts';

/** A column of a Parquet file, or a field of a struct by its dotted path, as text. */
export interface ParquetColumn {
  readonly name: string;
  /** SQL of its cell; of a struct's field NULL where the struct is. */
  readonly cell: string;
  /** It is text in the file: it may hold a NUL. */
  readonly isText: boolean;
}

/** What is no cell and has no text that another tool would write. */
const unreadable: ReadonlyMap<DuckDBTypeId, string> = new Map([
  [DuckDBTypeId.BLOB, 'bytes'],
  [DuckDBTypeId.BIT, 'bits'],
  [DuckDBTypeId.MAP, 'a map'],
  [DuckDBTypeId.UNION, 'a union'],
  [DuckDBTypeId.INTERVAL, 'intervals'],
]);

/** SQL of a list of texts: its numbers as JSON and a request to the server have them. */
function textsSql(list: string, type: DuckDBType): string {
  return isFractional(type)
    ? `list_transform(${list}, lambda one: ${canonicalSql(numberText('one', type))})`
    : `${list}::VARCHAR[]`;
}

/** Whether a list's values are cells. */
function isPlain({ typeId }: DuckDBType): boolean {
  const nested = [DuckDBTypeId.STRUCT, DuckDBTypeId.LIST, DuckDBTypeId.ARRAY];
  return !nested.includes(typeId) && !unreadable.has(typeId);
}

/**
 * The columns of a Parquet file: structs as a column for each field, lists as `lists` says. Throws {@link BadData} naming the column for
 * a list that it says nothing of or refuses, for bytes and maps, and where the file cannot be read.
 */
export async function parquetColumns(
  connection: DuckDBConnection,
  source: string,
  file: string,
  lists: Lists,
): Promise<readonly ParquetColumn[]> {
  const columns: ParquetColumn[] = [];
  const add = (path: string, cell: string, type: DuckDBType): void => {
    if (lists.get(path) === null) columns.push({ name: path, cell: 'NULL::VARCHAR', isText: false });
    else if (type.typeId === DuckDBTypeId.STRUCT)
      type.entryNames.forEach((entry, index) => {
        add(`${path}.${entry.trim()}`, `struct_extract(${cell}, ${text(entry)})`, type.entryTypes[index] as DuckDBType);
      });
    else if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY) {
      const separator = lists.get(path);
      if (typeof separator !== 'string')
        throw new UndeclaredArray(file, { column: path, isDeep: !isPlain(type.valueType) });
      const joined = `nullif(array_to_string(list_filter(${textsSql(cell, type.valueType)}, lambda one: one <> ''), ${text(separator)}), '')`;
      columns.push({ name: path, cell: joined, isText: true });
    } else {
      const what = unreadable.get(type.typeId);
      if (what !== undefined) throw new UndeclaredArray(file, { column: path, isDeep: true, what });
      const written = isFractional(type) ? numberText(cell, type) : `${cell}::VARCHAR`;
      columns.push({ name: path, cell: written, isText: type.typeId === DuckDBTypeId.VARCHAR });
    }
  };
  const described = await connection.runAndReadAll(`SELECT * FROM ${source} LIMIT 0`);
  described.columnNames().forEach((column, index) => {
    add(column.trim(), name(column), described.columnType(index));
  });
  return columns;
}
