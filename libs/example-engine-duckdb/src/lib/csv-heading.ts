import { isDeepStrictEqual } from 'node:util';
import {
  BadData,
  type Comments,
  type DataFile,
  fieldsOf,
  type FirstLine,
  firstLineOf,
  type Header,
  headerOf,
  isFigure,
  namelessColumns,
  NoHeaderLine,
  type RawRecord,
  recordOf,
  type ScanOptions,
  separatorLine,
} from '@adstocrat/example-engine';
import type { TextBytes } from './text-bytes.ts';

/**
 * What a record is: the header line, a row, that line once more, one with another number of fields, or none: Excel's line about the
 * delimiter, blanks above the header.
 */
export type Taken = 'names' | 'row' | 'again' | 'misfit' | 'none';

const figure = /^[\d.,+-]+$/;

/** Records without a row among them that show that the declared names are too few or too many. */
const patience = 100;

/** Tells a CSV file's columns, by its first record or as they are declared, and what each record is to them. */
export class CsvHeading {
  readonly #file: DataFile;
  readonly #delimiter: string;
  readonly #declared: ScanOptions['columns'];
  readonly #first: FirstLine;
  /** Columns at the end without a name and without a value. */
  readonly nameless: number;
  readonly comments: Comments;
  readonly #decoder = new TextDecoder();
  #header: Header | undefined;
  /** The header line, or what it would be. */
  #line: Uint8Array = new Uint8Array(0);
  #isFirst = true;
  #rows = 0;
  #misfits = 0;
  #misfit = 0;

  /** Throws {@link BadData} for declared names that cannot be columns'. */
  constructor(
    file: DataFile,
    { format: { delimiter }, sample, comments }: Pick<TextBytes, 'format' | 'sample' | 'comments'>,
    columns: ScanOptions['columns'],
  ) {
    this.#file = file;
    this.#delimiter = delimiter;
    this.#declared = columns;
    this.comments = comments;
    this.#first = columns === undefined ? firstLineOf(sample, delimiter) : 'unknown';
    this.nameless = columns === undefined ? namelessColumns(sample, delimiter) : 0;
    if (columns === undefined) return;
    const nameless = columns.names.findIndex((name) => name.trim() === '');
    if (nameless !== -1)
      throw new BadData(`${columns.key}: column ${nameless + 1} has no name: name each of them, in their order`);
    this.#header = headerOf(columns.names, columns.key);
    this.#line = new TextEncoder().encode(recordOf(columns.names, delimiter));
  }

  /** Undefined before the first record of a file that names its columns. */
  get header(): Header | undefined {
    return this.#header;
  }

  /** Lines above the first row, of a file without blank ones. */
  get lines(): number {
    return this.#declared === undefined ? 1 : 0;
  }

  /** That the file's bytes below the comments begin on. */
  get firstLine(): number {
    return this.comments.lines + 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Throws {@link BadData} for a header that cannot be, and where declared names and the file's records do not go together. */
  take(record: RawRecord): Taken {
    const { bytes, start, end, fields } = record;
    if (this.#isFirst) {
      if (this.#header === undefined && this.#fieldsOf(record).every((field) => field.trim() === '')) return 'none';
      if (separatorLine(this.#textOf(record)) !== undefined) return 'none';
      this.#isFirst = false;
      if (this.#declared !== undefined && this.#isNames(record, this.#declared)) return 'again';
    }
    if (this.#header === undefined) return this.#readHeader(record);
    if (fields !== this.#header.fields.length) {
      this.#misfits += 1;
      this.#misfit ||= fields;
      if (this.#misfits === patience) this.end();
      return 'misfit';
    }
    // A row may be like declared names, which are none of the file's.
    if (this.#declared === undefined && isAgain(this.#line, bytes, start, end)) return 'again';
    this.#rows += 1;
    return 'row';
  }

  /** Why a record is no row. */
  reason(taken: 'again' | 'misfit', fields: number): string {
    if (taken === 'again')
      return this.#declared === undefined
        ? 'the header line again'
        : `a header line, though ${this.#declared.key} names the columns`;
    const due = this.#header?.fields.length ?? 0;
    const names = this.#declared === undefined ? 'the header has' : `${this.#declared.key} names`;
    return `too ${fields < due ? 'few' : 'many'} fields: ${fields}, ${names} ${due}`;
  }

  /** No more records follow. Throws {@link BadData} where none has as many fields as names are declared. */
  end(): void {
    if (this.#declared === undefined || this.#rows > 0 || this.#misfits === 0) return;
    throw new BadData(
      `${this.#file.name}: its lines have ${this.#misfit} fields, and ${this.#declared.key} names ${this.#declared.names.length}: name each of them, in their order`,
    );
  }

  #readHeader(record: RawRecord): Taken {
    const { bytes, start, end, line, fields } = record;
    const where = `${this.#file.name}:${line}`;
    try {
      const all = this.#fieldsOf(record);
      const named = headerOf(all.slice(0, all.length - this.nameless), where);
      const header = { fields: [...named.fields, ...all.slice(named.fields.length).map(() => '')] };
      this.#header = this.#first === 'row' ? { ...header, isRow: true } : header;
    } catch (error) {
      // Of a few rows alone nothing shows, but that names cannot be so.
      const mayBeRow = this.#first === 'unknown' && this.#fieldsOf(record).some((field) => isFigure(field.trim()));
      if (error instanceof BadData && (this.#first === 'row' || mayBeRow)) throw new NoHeaderLine(where, fields);
      throw error;
    }
    this.#line = bytes.slice(start, end);
    return 'names';
  }

  /** Whether a first record names the columns, as declared. Throws {@link BadData} where it names them otherwise. */
  #isNames(record: RawRecord, declared: NonNullable<ScanOptions['columns']>): boolean {
    const plain = (name: string): string => name.trim().toLowerCase();
    const names = declared.names.map(plain);
    // Rows of figures may be like names that are figures too.
    if (names.every((name) => figure.test(name))) return false;
    const cells = this.#fieldsOf(record).map(plain);
    if (cells.length === names.length && cells.every((cell, index) => cell === names[index])) return true;
    if (cells.length > 1 && isDeepStrictEqual(cells.toSorted(), names.toSorted()))
      throw new BadData(
        `${this.#file.name}:${record.line}: the first line names columns, and not as ${declared.key} does: take the line out, or ${declared.key} where every file has one`,
      );
    return false;
  }

  #fieldsOf(record: RawRecord): readonly string[] {
    return fieldsOf(this.#textOf(record), this.#delimiter);
  }

  #textOf({ bytes, start, end }: RawRecord): string {
    return this.#decoder.decode(bytes.subarray(start, end));
  }
}

function isAgain(header: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (header.length !== end - start) return false;
  for (let at = 0; at < header.length; at += 1) if (header[at] !== bytes[start + at]) return false;
  return true;
}
