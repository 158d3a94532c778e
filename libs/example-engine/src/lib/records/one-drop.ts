import { BadData, type FileKind, type ScannedFile } from '../example-engine.ts';
import { type Header, headerOf, sharedColumns } from './header.ts';

const kindNames: Readonly<Record<FileKind, string>> = { csv: 'CSV', jsonl: 'lines of JSON', parquet: 'Parquet' };

/** Throws {@link BadData} where files of a drop that have rows are of two kinds. */
export function checkOneKind(files: readonly ScannedFile[]): void {
  const [first, ...rest] = files.filter(({ rows }) => rows > 0);
  const other = rest.find(({ kind }) => kind !== first?.kind);
  if (first === undefined || other === undefined) return;
  throw new BadData(
    `${other.name} is ${kindNames[other.kind]}, ${first.name} is ${kindNames[first.kind]}: files of one drop are of one kind; name those of one of them in data.examples of task.yaml`,
  );
}

/**
 * The columns of a drop from those of its files: what lines of JSON have among them all; of other files what each has. Throws what
 * {@link headerOf} and {@link sharedColumns} do.
 */
export function columnsOfDrop(
  parts: readonly { readonly name: string; readonly header: Header }[],
  files: readonly ScannedFile[],
  withheld = false,
): readonly string[] {
  if (!files.some(({ kind, rows }) => kind === 'jsonl' && rows > 0)) return sharedColumns(parts, withheld);
  const keys = [...new Set(parts.flatMap(({ header }) => header.fields))];
  return headerOf(keys, parts[0]?.name ?? '').fields;
}
