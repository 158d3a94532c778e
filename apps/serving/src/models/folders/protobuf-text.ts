/** A message in protobuf's text format: its fields by name, each with its values in order. */
export type TextMessage = ReadonlyMap<string, readonly (string | TextMessage)[]>;

/** Deeper than any configuration. */
const maxDepth = 32;

const token = /\s+|#[^\n]*|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[{}<>[\]:,;]|[^\s{}<>[\]:,;"'#]+)/gy;

/**
 * Reads protobuf's text format, as configuration files of TensorFlow Serving and Triton have it: fields and messages in each other, lists,
 * quoted strings and comments. Values are left as they are written. Throws `SyntaxError` naming the line.
 */
export function parseProtobufText(text: string): TextMessage {
  const reader = new Reader(text);
  const message = reader.message(undefined, 0);
  return message;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #next: string | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#advance();
  }

  /** Fields up to a closing bracket, or to the end. */
  message(close: string | undefined, depth: number): TextMessage {
    if (depth > maxDepth) throw this.#wrong(`messages lie deeper in each other than ${maxDepth}`);
    const fields = new Map<string, (string | TextMessage)[]>();
    while (this.#next !== close) {
      const name = this.#next;
      if (name === undefined || !/^[A-Za-z_][\w.]*$/.test(name))
        throw this.#wrong(name === undefined ? `"${close}" is missing` : `a field's name is expected, got ${name}`);
      this.#advance();
      const values = fields.get(name) ?? [];
      fields.set(name, values);
      this.#takes(':');
      if (this.#takes('[')) {
        while (!this.#takes(']')) {
          values.push(this.#value(depth));
          this.#takes(',');
        }
      } else values.push(this.#value(depth));
      if (!this.#takes(',')) this.#takes(';');
    }
    if (close !== undefined) this.#advance();
    return fields;
  }

  #value(depth: number): string | TextMessage {
    if (this.#takes('{')) return this.message('}', depth + 1);
    if (this.#takes('<')) return this.message('>', depth + 1);
    const value = this.#next;
    if (value === undefined || /^[}>[\]:,;]$/.test(value))
      throw this.#wrong(`a value is expected, got ${value ?? 'the end'}`);
    this.#advance();
    if (!/^["']/.test(value)) return value;
    let text = unquoted(value);
    // Strings beside each other are one.
    for (; this.#next !== undefined && /^["']/.test(this.#next); this.#advance()) text += unquoted(this.#next);
    return text;
  }

  #takes(expected: string): boolean {
    if (this.#next !== expected) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    this.#next = undefined;
    while (this.#at < this.#text.length && this.#next === undefined) {
      token.lastIndex = this.#at;
      const match = token.exec(this.#text);
      if (match === null) throw this.#wrong('a string does not end');
      this.#at = token.lastIndex;
      this.#next = match[1];
    }
  }

  #wrong(what: string): SyntaxError {
    return new SyntaxError(`line ${this.#text.slice(0, this.#at).split('\n').length}: ${what}`);
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gs, (_, code: string) => escapes[code] ?? code);
}
