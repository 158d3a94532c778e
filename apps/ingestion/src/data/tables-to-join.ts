import type { ColumnFacts } from '@adstocrat/statistics';

/** A file of rows that are not examples. */
export interface OtherFile {
  readonly path: string;
  readonly columns: readonly ColumnFacts[];
  readonly rows: number;
}

/** Share of the examples' key values that a table must know. */
const joinShare = 0.9;

/** Names that say nothing of what they number: two files may have one each, of different things. */
const generic = /^(_?id|idx|index|key|no|nr|num|number|row|row_?id|unnamed.*)$/i;

/**
 * By which column a file of other rows is joined to the examples: one that both have, unique in the file, that is not the examples'
 * own number, and whose values the file knows for most of the examples' (`known` says what share). What is left out is said to `note`.
 */
export async function joinKey(
  other: OtherFile,
  examples: { readonly columns: readonly ColumnFacts[]; readonly rows: number },
  known: (column: string) => Promise<number>,
  note: (sentence: string) => void,
): Promise<string | undefined> {
  const shared = other.columns.flatMap((column) => {
    const same = examples.columns.find(({ name }) => name === column.name);
    return same !== undefined && column.distinct === other.rows ? [same] : [];
  });
  for (const { name, distinct } of shared) {
    if (generic.test(name) || distinct === examples.rows) continue;
    if ((await known(name)) >= joinShare) return name;
  }
  const [{ name } = { name: undefined }] = shared;
  note(
    name === undefined
      ? `left out: ${other.path} has neither the label nor a column of the examples that tells its rows apart`
      : `left out: ${other.path} has the column "${name}" as the examples have, which may be of something else; to join it: data: {tables: [{path: ${JSON.stringify(other.path)}, key: ${JSON.stringify(name)}}]}`,
  );
  return undefined;
}
