import { type ColumnSchema, servingColumns } from './data-schema.ts';

/** Columns that a file of rows may bring: those of the model's that a request may give. */
export function takenColumns(schema: readonly ColumnSchema[], given: readonly string[]): readonly ColumnSchema[] {
  return servingColumns({ version: 1, columns: schema }).filter(({ name }) => given.includes(name));
}

/**
 * A sentence that names every column which the model takes and the file lacks, with the one of the file that may be meant; undefined
 * where none is. Ids may be absent, and columns of a joined table, which the model looks up.
 */
export function lackingColumns(
  names: { readonly file: string; readonly model: string },
  schema: readonly ColumnSchema[],
  given: readonly string[],
): string | undefined {
  const wanted = schema.filter(
    ({ role, table }) => table === undefined && (role === 'feature' || role === 'image' || role === 'eventTime'),
  );
  const absent = wanted.filter(({ name }) => !given.includes(name));
  if (absent.length === 0) return undefined;
  const named = absent.map(({ name }) => {
    const near = given.find((one) => alike(one) === alike(name) && !wanted.some((column) => column.name === one));
    return near === undefined ? `"${name}"` : `"${name}" (the file has "${near}")`;
  });
  const shown = `${named.slice(0, 20).join(', ')}${named.length > 20 ? ` and ${named.length - 20} more` : ''}`;
  return `${names.file} lacks ${absent.length} of the ${wanted.length} columns that ${names.model} takes: ${shown}`;
}

/** Letters and digits, whatever their case, and whether a letter's accent is a character of its own. */
const alike = (name: string): string =>
  name
    .normalize()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
