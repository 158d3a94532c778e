import { isUtf8 } from 'node:buffer';
import { InvalidRequest } from '@adstocrat/service-kit';

/** A JSON value. Integers beyond ±(2^53 − 1) are bigints. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** Names, all different, and their values in the order of the text: a name __proto__ is one as any other. */
export class JsonObject {
  /** Objects of one list that have the same names in the same order share them. */
  readonly names: readonly string[];
  readonly values: readonly JsonValue[];

  constructor(names: readonly string[], values: readonly JsonValue[]) {
    this.names = names;
    this.values = values;
  }

  get(name: string): JsonValue | undefined {
    return this.values[this.names.indexOf(name)];
  }
}

export interface JsonOptions {
  /** True reads every integer as a bigint, so that 1 and 1.0 differ. */
  readonly integersApart?: boolean;
}

/**
 * Lists and objects in each other, at most: more than any tensor has, and few enough that a body of brackets alone stays as small as it
 * came.
 */
const maxDepth = 64;

/**
 * Reads the first JSON document of a body as TensorFlow Serving does: NaN, Infinity and Inf are numbers, an integer keeps all its digits,
 * what follows the document is not looked at. Throws {@link InvalidRequest} in TensorFlow Serving's words, with the byte where reading
 * stopped.
 */
export function jsonDocument(body: Uint8Array, options: JsonOptions = {}): JsonValue {
  if (body.length === 0) throw new InvalidRequest('JSON Parse error: The document is empty');
  if (!isUtf8(body)) throw new InvalidRequest('JSON Parse error: Invalid encoding in string. The body is no UTF-8');
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  return new JsonReader(text, options.integersApart === true).read();
}

/** A list or an object that is not closed yet. */
class Open {
  readonly values: JsonValue[] = [];
  /** Of an object: the names so far; those that its list expects, until one differs. */
  names: string[] | undefined;
  expects: boolean;
  /** The same, once a search among them would take long. */
  seen: Set<string> | undefined;
  /** Of a list: the names of its last object. */
  expected: string[] = [];

  constructor(names: string[] | undefined) {
    this.names = names;
    this.expects = names !== undefined;
  }

  close(parent: Open | undefined): JsonValue {
    if (this.names === undefined) return this.values;
    const names = this.names.length === this.values.length ? this.names : this.names.slice(0, this.values.length);
    if (parent !== undefined) parent.expected = names;
    return new JsonObject(names, this.values);
  }
}

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/** Units of a string that are looked at one by one before the rest is skipped at once: most strings are shorter. */
const fewUnits = 256;
/** What a string has unescaped: no quotation mark, backslash or control character. */
const plainUnits = /[^"\\\x00-\x1f]*/y;

const digit = (code: number): boolean => code >= 48 && code <= 57;

class JsonReader {
  readonly #text: string;
  readonly #integersApart: boolean;
  #at = 0;

  constructor(text: string, integersApart: boolean) {
    this.#text = text;
    this.#integersApart = integersApart;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  /** Without recursion: nesting takes no stack. */
  read(): JsonValue {
    const open: Open[] = [];
    if (Number.isNaN(this.#next())) this.#fail('The document is empty.');
    for (;;) {
      const code = this.#next();
      let value: JsonValue;
      if (code === 91 || code === 123) {
        if (open.length === maxDepth) this.#fail(`Lists and objects are nested deeper than ${maxDepth}.`);
        this.#at += 1;
        const now = new Open(code === 91 ? undefined : (open[open.length - 1]?.expected ?? []));
        if (this.#next() !== code + 2) {
          open.push(now);
          if (code === 123) this.#name(now);
          continue;
        }
        this.#at += 1;
        value = now.close(undefined);
      } else value = this.#scalar(code);
      for (;;) {
        const parent = open[open.length - 1];
        if (parent === undefined) return value;
        parent.values.push(value);
        if (this.#another(parent)) break;
        open.pop();
        value = parent.close(open[open.length - 1]);
      }
    }
  }

  /** Reads what follows a value. True where another one does. */
  #another(parent: Open): boolean {
    const code = this.#next();
    if (parent.names === undefined) {
      if (code !== 44 && code !== 93) this.#fail('Missing a comma or ] after an array element.');
      this.#at += 1;
      return code === 44;
    }
    if (code !== 44 && code !== 125) this.#fail('Missing a comma or } after an object member.');
    this.#at += 1;
    if (code === 44) this.#name(parent);
    return code === 44;
  }

  #name(parent: Open): void {
    if (this.#next() !== 34) this.#fail('Missing a name for object member.');
    const index = parent.values.length;
    const expected = parent.expects ? parent.names?.[index] : undefined;
    if (expected !== undefined && this.#skips(expected)) this.#at += expected.length + 2;
    else {
      const start = this.#at;
      const name = this.#string();
      if (parent.expects) {
        parent.names = (parent.names ?? []).slice(0, index);
        parent.expects = false;
      }
      const names = parent.names as string[];
      if (names.length >= 32) parent.seen ??= new Set(names);
      if (parent.seen?.has(name) ?? names.includes(name)) this.#fail('An object has the same name twice.', start);
      parent.seen?.add(name);
      names.push(name);
    }
    if (this.#next() !== 58) this.#fail('Missing a colon after a name of object member.');
    this.#at += 1;
  }

  /** True where the text goes on with this name. One with a backslash may be written like another that has an escape. */
  #skips(name: string): boolean {
    return (
      this.#text.startsWith(name, this.#at + 1) &&
      this.#text.charCodeAt(this.#at + 1 + name.length) === 34 &&
      !name.includes('\\')
    );
  }

  /** The next code that is no white space; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return code;
      this.#at += 1;
    }
  }

  #scalar(code: number): JsonValue {
    switch (code) {
      case 34:
        return this.#string();
      case 116:
        return this.#word('true', true);
      case 102:
        return this.#word('false', false);
      case 110:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #word<T>(word: string, value: T): T {
    for (let index = 0; index < word.length; index += 1, this.#at += 1)
      if (this.#text.charCodeAt(this.#at) !== word.charCodeAt(index)) this.#fail('Invalid value.');
    return value;
  }

  #number(): number | bigint {
    const text = this.#text;
    const start = this.#at;
    const negative = text.charCodeAt(start) === 45;
    if (negative) this.#at += 1;
    const first = text.charCodeAt(this.#at);
    if (!digit(first)) return this.#notFinite(negative, first);
    this.#at += 1;
    // A zero is not followed by digits.
    if (first !== 48) this.#digits();
    let whole = true;
    if (text.charCodeAt(this.#at) === 46) {
      whole = false;
      this.#at += 1;
      if (this.#digits() === 0) this.#fail('Miss fraction part in number.');
    }
    const exponent = text.charCodeAt(this.#at);
    if (exponent === 101 || exponent === 69) {
      whole = false;
      this.#at += 1;
      const sign = text.charCodeAt(this.#at);
      if (sign === 43 || sign === 45) this.#at += 1;
      if (this.#digits() === 0) this.#fail('Miss exponent in number.');
    }
    const written = text.slice(start, this.#at);
    const value = Number(written);
    if (value === Infinity || value === -Infinity) this.#fail('Number too big to be stored in double.', start);
    if (!whole) return value;
    if (!this.#integersApart && Number.isSafeInteger(value)) return value;
    // What no 64 bits hold is a double, as in the original.
    const exact = written.length > 20 ? undefined : BigInt(written);
    return exact !== undefined && exact >= minInt64 && exact <= maxUint64 ? exact : value;
  }

  #digits(): number {
    const start = this.#at;
    while (digit(this.#text.charCodeAt(this.#at))) this.#at += 1;
    return this.#at - start;
  }

  #notFinite(negative: boolean, first: number): number {
    if (first === 78) return this.#word('NaN', NaN);
    if (first !== 73) this.#fail('Invalid value.');
    this.#word('Inf', Infinity);
    if (this.#text.charCodeAt(this.#at) === 105) this.#word('inity', Infinity);
    return negative ? -Infinity : Infinity;
  }

  #string(): string {
    const text = this.#text;
    this.#at += 1;
    let from = this.#at;
    let made = '';
    for (;;) {
      if (this.#at - from === fewUnits) this.#skipPlain();
      const code = text.charCodeAt(this.#at);
      if (code === 34) {
        const last = text.slice(from, this.#at);
        this.#at += 1;
        return made === '' ? last : made + last;
      }
      if (code === 92) {
        made += text.slice(from, this.#at) + this.#escape();
        from = this.#at;
      } else if (code >= 32) this.#at += 1;
      else if (Number.isNaN(code) || code === 0) this.#fail('Missing a closing quotation mark in string.');
      else this.#fail('Invalid encoding in string.');
    }
  }

  /** A base64 text may have a million units. */
  #skipPlain(): void {
    plainUnits.lastIndex = this.#at;
    plainUnits.test(this.#text);
    this.#at = plainUnits.lastIndex;
  }

  #escape(): string {
    const start = this.#at;
    const code = this.#text.charAt(start + 1);
    this.#at += 2;
    const plain = escapes.get(code);
    if (plain !== undefined) return plain;
    if (code !== 'u') this.#fail('Invalid escape character in string.', start);
    const unit = this.#unit(start);
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    // A surrogate stands for a character together with the one after it, or not at all.
    if (unit > 0xdbff || !this.#text.startsWith('\\u', this.#at))
      this.#fail('The surrogate pair in string is invalid.', start);
    this.#at += 2;
    const low = this.#unit(start);
    if (low < 0xdc00 || low > 0xdfff) this.#fail('The surrogate pair in string is invalid.', start);
    return String.fromCharCode(unit, low);
  }

  #unit(start: number): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('Incorrect hex digit after \\u escape in string.', start);
    this.#at += 4;
    return parseInt(digits, 16);
  }

  #fail(what: string, at = this.#at): never {
    const bytes = Buffer.byteLength(this.#text.slice(0, Math.min(at, this.#text.length)));
    throw new InvalidRequest(`JSON Parse error: ${what} at offset: ${bytes}`);
  }
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
