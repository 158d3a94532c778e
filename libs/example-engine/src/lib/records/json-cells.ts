/** What a line is not, and which column's fault it is. */
export class BadJson extends Error {
  override readonly name = 'BadJson';
  readonly column: string | undefined;

  constructor(message: string, column?: string) {
    super(message);
    this.column = column;
  }
}

/** A column holds an array, and nothing says how it is read. */
export class UndeclaredList extends Error {
  override readonly name = 'UndeclaredList';
  readonly column: string;
  /** It begins with another array, or an object. */
  readonly isDeep: boolean;

  constructor(column: string, isDeep: boolean) {
    super(`column "${column}" holds an array`);
    this.column = column;
    this.isDeep = isDeep;
  }
}

/** An array costs its line, for this reason, and no other line. */
export interface RefusedList {
  readonly refused: string;
}

/** How an array is read: the text between its values in a cell; null: not at all, the cell is empty. */
export type ListReading = string | null | RefusedList;

/** How arrays are read, by column. */
export type Lists = ReadonlyMap<string, ListReading>;

/** Objects in objects, at most. */
const deepest = 16;
const numeral = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Python and others write what JSON has no word for. */
const words: ReadonlyMap<string, string> = new Map([
  ['true', 'true'],
  ['false', 'false'],
  ['null', ''],
  ['NaN', ''],
  ['Infinity', 'Infinity'],
  ['-Infinity', '-Infinity'],
]);

/**
 * One JSON object on one line as cells of text, by column, in the order of its keys: an object within it by dotted paths (`user.age`). A
 * cell is what the same value is in a CSV: a number in its shortest form, whole ones with all of their digits; true and false; nothing
 * for null and NaN. Throws {@link BadJson} for what is no object, a key that is there twice (also as a path), a NUL, arrays in arrays,
 * an array that is refused; and {@link UndeclaredList} for an array that `lists` says nothing of.
 */
export function jsonCells(line: string, lists: Lists): ReadonlyMap<string, string> {
  const reader = new CellReader(line, lists);
  return reader.read();
}

class CellReader {
  readonly #text: string;
  readonly #lists: Lists;
  readonly #cells = new Map<string, string>();
  #at = 0;

  constructor(text: string, lists: Lists) {
    this.#text = text;
    this.#lists = lists;
  }

  read(): ReadonlyMap<string, string> {
    this.#blanks();
    if (this.#text[this.#at] !== '{') throw new BadJson('not a JSON object');
    this.#object('', 1);
    this.#blanks();
    if (this.#at < this.#text.length) throw new BadJson('something follows the JSON object');
    return this.#cells;
  }

  #object(path: string, depth: number): void {
    if (depth > deepest) throw new BadJson(`objects within objects, more than ${deepest} deep`, path);
    this.#at += 1;
    this.#blanks();
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw this.#broken();
      const key = this.#string().trim();
      const column = path === '' ? key : `${path}.${key}`;
      if (key === '') throw new BadJson('a key without a name');
      this.#blanks();
      this.#expect(':');
      this.#blanks();
      if (this.#text[this.#at] === '{') this.#object(column, depth + 1);
      else this.#set(column, this.#text[this.#at] === '[' ? this.#list(column) : this.#scalar(column));
      this.#blanks();
      if (this.#text[this.#at] === '}') break;
      this.#expect(',');
    }
    this.#at += 1;
  }

  #set(column: string, cell: string): void {
    if (this.#cells.has(column)) throw new BadJson('a key is there twice', column);
    if (cell.includes('\u0000')) throw new BadJson('holds a NUL character', column);
    this.#cells.set(column, cell);
  }

  #list(column: string): string {
    const separator = this.#lists.get(column);
    if (separator === undefined) throw new UndeclaredList(column, /^\[\s*[[{]/.test(this.#text.slice(this.#at)));
    if (separator === null) return this.#passed(column);
    if (typeof separator !== 'string') throw new BadJson(separator.refused, column);
    const values: string[] = [];
    this.#at += 1;
    this.#blanks();
    while (this.#text[this.#at] !== ']') {
      if (values.length > 0) this.#expect(',');
      this.#blanks();
      const next = this.#text[this.#at];
      if (next === '[' || next === '{') throw new BadJson('an array holds more than plain values', column);
      const value = this.#scalar(column);
      if (value.includes(separator))
        throw new BadJson(`a value of an array holds "${separator}", which stands between its values`, column);
      values.push(value);
      this.#blanks();
    }
    this.#at += 1;
    return values.filter((value) => value !== '').join(separator);
  }

  /** An array that nobody reads, whatever it holds. */
  #passed(column: string): string {
    const open: string[] = [];
    do {
      const next = this.#text[this.#at];
      if (next === '[' || next === '{') open.push(next === '[' ? ']' : '}');
      else if (next === ']' || next === '}') {
        if (open.pop() !== next) throw this.#broken();
      } else if (next !== ',' && next !== ':') {
        this.#scalar(column);
        this.#blanks();
        continue;
      }
      this.#at += 1;
      this.#blanks();
    } while (open.length > 0);
    return '';
  }

  #scalar(column: string): string {
    if (this.#text[this.#at] === '"') return this.#string();
    numeral.lastIndex = this.#at;
    const [found, fraction, exponent] = numeral.exec(this.#text) ?? [];
    if (found !== undefined) {
      this.#at += found.length;
      if (/[\w.]/.test(this.#text[this.#at] ?? ''))
        throw new BadJson('not JSON: no number and no word it knows', column);
      return fraction === undefined && exponent === undefined ? (found === '-0' ? '0' : found) : shortest(found);
    }
    const word = /^-?[A-Za-z]+/.exec(this.#text.slice(this.#at, this.#at + 12))?.[0] ?? '';
    const cell = words.get(word);
    if (cell === undefined) throw this.#broken();
    this.#at += word.length;
    return cell;
  }

  #string(): string {
    const start = this.#at;
    let isPlain = true;
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        return isPlain ? this.#text.slice(start + 1, at) : this.#unescaped(start, at + 1);
      }
      if (code === 0x5c) {
        isPlain = false;
        at += 1;
      } else if (code < 0x20) throw new BadJson('not JSON: a control character in a text must be escaped');
    }
    throw new BadJson('not JSON: the line ends in the middle of it');
  }

  #unescaped(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      throw new BadJson('not JSON: a backslash in a text that escapes nothing');
    }
  }

  #expect(mark: string): void {
    if (this.#text[this.#at] !== mark) throw this.#broken();
    this.#at += 1;
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
      this.#at += 1;
    }
  }

  #broken(): BadJson {
    if (this.#at >= this.#text.length) return new BadJson('not JSON: the line ends in the middle of it');
    return new BadJson('not JSON');
  }
}

/** A decimal as JavaScript writes it, so that it is one cell however it came; one that no double holds as it stands. */
function shortest(found: string): string {
  const value = Number(found);
  if (!Number.isFinite(value)) return found;
  return String(value + 0 === 0 ? 0 : value);
}
