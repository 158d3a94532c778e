import { type Delimiter, delimiterOf, delimiters, separatorLine } from './dialect.ts';
import { fieldsOf } from './fields-of.ts';
import { firstLineOf } from './first-line.ts';
import { RecordReader } from './record-reader.ts';
import { titlesAbove } from './titles.ts';

/** Lines above the first record of a CSV text that are none. */
export interface Comments {
  /** The last of them, counted from 1; 0 where there are none. */
  readonly lines: number;
  /** Up to the end of it. */
  readonly bytes: number;
  /** The next line begins as a comment does, and is taken for the names of the columns. */
  readonly isNext: boolean;
  /** Not all of them begin as comments do: they are a report's title. Absent where they do. */
  readonly isTitle?: true;
  /** What Excel's line about the delimiter names, where it stands among them. */
  readonly delimiter?: Delimiter;
}

const none: Comments = { lines: 0, bytes: 0, isNext: false };

/** How a comment begins where nobody says so. */
const usual = '#';

/**
 * The comments that a CSV text begins with, by its first bytes (UTF-8): lines that begin with `mark`, '' for no line. Where it is not
 * given, lines that begin with `#` and have another number of fields than the record below them, or as many as it has where it is names.
 * With so many fields as a record is `due` to have, where it is known, a line is a row. Lines without a value between and above them are
 * passed over, and {@link separatorLine}. Where neither mark nor fields are given a title is taken as comments are, see {@link titlesAbove}.
 */
export function commentsAbove(head: Uint8Array, told: Told = {}): Comments {
  const marked = markedLines(head, told);
  if (told.mark !== undefined || told.due !== undefined || marked.isNext) return marked;
  const titles = titlesAbove(head, told.delimiter);
  if (titles === undefined) return marked;
  const more = new TextDecoder().decode(head.subarray(marked.bytes, titles.bytes));
  return more.split(/[\r\n]+/).every((line) => valueless.test(line))
    ? marked
    : { ...titles, isNext: false, isTitle: true };
}

interface Told {
  readonly mark?: string;
  readonly delimiter?: Delimiter;
  readonly due?: number;
}

function markedLines(head: Uint8Array, told: Told): Comments {
  const { mark, due } = told;
  const lines = mark === '' ? [] : leadingLines(head, mark ?? usual, due !== undefined);
  const [last] = lines.slice(-1);
  if (last === undefined) return none;
  const all = upTo(last, false);
  if (mark !== undefined) return all;
  const rest = head.subarray(last.end);
  const delimiter = told.delimiter ?? last.delimiter ?? delimiterOf(rest, due);
  const fields = due ?? fieldsOfFirst(rest, delimiter);
  // Nothing but comments: which of them is a header nobody can tell.
  if (fields === 0) return none;
  if (due === undefined && firstLineOf(rest, delimiter) === 'names') return all;
  const other = lines.findLast(({ text }) => fieldsOf(text, delimiter).length !== fields);
  const isNext = due === undefined && other !== last;
  return other === undefined ? { ...none, isNext } : upTo(other, isNext);
}

interface LeadingLine {
  readonly line: number;
  readonly text: string;
  /** Where the next begins. */
  readonly end: number;
  /** What a line above it names. */
  readonly delimiter: Delimiter | undefined;
}

function upTo({ line, end, delimiter }: LeadingLine, isNext: boolean): Comments {
  return { lines: line, bytes: end, isNext, ...(delimiter && { delimiter }) };
}

const [lineFeed, carriageReturn] = [10, 13];

/** Nothing but blanks and delimiters, or quotes around nothing. */
const valueless = /^(?:[\s,;|]|"")*$/;

/**
 * The lines that begin with a mark, quoted or not, up to the first that does not; those without a value and the one about the delimiter are
 * left out. Where the columns are declared delimiters alone are a row.
 */
function leadingLines(head: Uint8Array, mark: string, isDeclared: boolean): readonly LeadingLine[] {
  const decoder = new TextDecoder();
  const found: LeadingLine[] = [];
  let delimiter: Delimiter | undefined;
  let start = 0;
  for (let line = 1; start < head.length; line += 1) {
    let end = start;
    while (end < head.length && head[end] !== lineFeed && head[end] !== carriageReturn) end += 1;
    const text = decoder.decode(head.subarray(start, end));
    const after = head[end] === carriageReturn && head[end + 1] === lineFeed ? end + 2 : end + 1;
    start = Math.min(after, head.length);
    if (text.startsWith(mark) || text.startsWith(`"${mark}`)) found.push({ line, text, end: start, delimiter });
    else {
      const separator = separatorLine(text);
      if (separator !== undefined) delimiter ??= delimiters.find((one) => one === separator);
      else if (isDeclared ? text.trim() !== '' : !valueless.test(text)) break;
    }
  }
  return found;
}

/** Fields of the first record, 0 where there is none. */
function fieldsOfFirst(text: Uint8Array, delimiter: Delimiter): number {
  let first = 0;
  const reader = new RecordReader(delimiter, {
    record({ fields }) {
      first ||= fields;
    },
    bad: () => undefined,
  });
  reader.write(text);
  reader.end();
  return first;
}
