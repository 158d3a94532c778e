import { BadData } from '../example-engine.ts';
import { sayUnseen } from './same-to-see.ts';
import { reservedPrefix } from '@adstocrat/examples';

/** A CSV file's columns. */
export interface Header {
  /** As they stand in the file, without blanks around them. `''` for those that are none of the data: the index that pandas writes, and empty ones at the end. */
  readonly fields: readonly string[];
  /** The line looks like a row of those below it. */
  readonly isRow?: boolean;
}

/** Names of columns that have none: `column_1` is the first. */
export function numberedColumns(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `column_${index + 1}`);
}

/** Tells of a file whose first line, of so many cells, looks like a row. `how` says where its columns are named. */
export function noHeaderLine(where: string, count: number, how = inTaskYaml(count)): string {
  return `${where}: the first line looks like a row, not like names of columns: where the files have no header line, name all ${count} columns ${how}`;
}

function inTaskYaml(count: number): string {
  const names = count > 3 ? ['column_1', 'column_2', '…', `column_${count}`] : numberedColumns(count);
  return `in task.yaml, data: {columns: [${names.join(', ')}]}`;
}

/** A file whose first line cannot be names of columns and looks like a row. */
export class NoHeaderLine extends BadData {
  readonly where: string;
  /** Cells of the line. */
  readonly fields: number;

  constructor(where: string, fields: number) {
    super(noHeaderLine(where, fields));
    this.where = where;
    this.fields = fields;
  }
}

/** As of a file with a delimiter of two characters, `||` say, which is read as one twice. */
function isEachSecondNameless(fields: readonly string[]): boolean {
  return fields.length > 3 && fields.every((field, index) => (field === '') === (index % 2 === 1));
}

/**
 * The columns that a header names. Throws {@link BadData}, naming `where`, for one without a name (but a first one: pandas writes its
 * index so), one named twice, two that differ in case only, and one with a name that is reserved.
 */
export function headerOf(raw: readonly string[], where: string): Header {
  const fields = raw.map((field) => field.trim());
  const nameless = fields.findIndex((field, index) => field === '' && (index > 0 || fields.length === 1));
  if (nameless !== -1 && isEachSecondNameless(fields))
    throw new BadData(
      `${where}: each second column of the header has no name, as if two characters parted the columns: write the file with one, a comma say`,
    );
  if (nameless !== -1)
    throw new BadData(
      `${where}: column ${nameless + 1} of the header has no name: give it one, or take the column out of the file`,
    );
  const seen = new Map<string, string>();
  for (const field of fields) {
    if (field.startsWith(reservedPrefix))
      throw new BadData(
        `${where}: column "${field}": names that begin with "${reservedPrefix}" are reserved; rename it`,
      );
    const other = seen.get(field.toLowerCase());
    if (other === field) throw new BadData(`${where}: the header names column "${field}" twice`);
    if (other !== undefined)
      throw new BadData(`${where}: columns "${other}" and "${field}" differ in case only: rename one`);
    seen.set(field.toLowerCase(), field);
  }
  return { fields };
}

/**
 * The columns that all files have, in the order of the first. Throws {@link BadData} naming the first two files that differ and in
 * what: another order is no difference. Where rows are `withheld` the later file's names are not shown: without a header line they are a row.
 */
export function sharedColumns(
  files: readonly { readonly name: string; readonly header: Header }[],
  withheld = false,
): readonly string[] {
  const [first] = files;
  if (first === undefined) return [];
  const columns = first.header.fields.filter((field) => field !== '');
  for (const { name, header } of files.slice(1)) {
    const own = header.fields.filter((field) => field !== '');
    if (own.length === columns.length && columns.every((column) => own.includes(column))) continue;
    const row = [first, { name, header }].find((one) => one.header.isRow === true);
    if (row !== undefined) throw new NoHeaderLine(`${row.name}:1`, row.header.fields.length);
    const at = Math.max(columns.length, own.length);
    for (let column = 0; column < at; column += 1) {
      if (columns[column] === own[column]) continue;
      throw new BadData(
        `${name}:1: column ${column + 1} is ${withheld ? 'another' : quoted(own[column])}, in ${first.name} it is ${quoted(columns[column])}${withheld ? '' : sayUnseen(own[column], columns[column])}: all files of one drop have the same columns, and each begins with their names`,
      );
    }
  }
  return columns;
}

const quoted = (field: string | undefined): string => (field === undefined ? 'missing' : `"${field}"`);
