import type { PersonalKeys } from './personal-keys.ts';

/** A value of a row as events carry it. */
interface CarriedValue {
  readonly text?: string | undefined;
  readonly integer?: number | undefined;
  readonly number?: number | undefined;
}

/** A shorter value is found in bytes that hold it by coincidence. */
const tellingCharacters = 8;

/** One text for all spellings of a value, as stored values have it. */
export type OneText = (text: string) => string;

/**
 * Somebody whose rows are looked for: by a column, and by all that a stored value of it may be. These are the value's pseudonyms by
 * every key that there is, and the value itself, which stands where the column was not personal; in each spelling, as given and as
 * `oneText` has it.
 */
export class Person {
  readonly column: string;
  readonly forms: ReadonlySet<string>;
  readonly #oneText: OneText;

  constructor(column: string, forms: Iterable<string>, oneText: OneText) {
    this.column = column;
    this.forms = new Set([...forms].flatMap((form) => [form, oneText(form)]));
    this.#oneText = oneText;
  }

  static of(column: string, value: string, keys: PersonalKeys, oneText: OneText): Person {
    const pseudonyms = keys.all.flatMap((key) => [value, oneText(value)].map((text) => key.pseudonym(text)));
    return new Person(column, [...pseudonyms, value], oneText);
  }

  /** Whether a row of features is theirs. */
  has(features: Readonly<Record<string, CarriedValue>>): boolean {
    const value = Object.hasOwn(features, this.column) ? features[this.column] : undefined;
    const given = value?.text ?? value?.integer ?? value?.number;
    return given !== undefined && this.forms.has(this.#oneText(String(given)));
  }

  /** Whether one of the forms stands somewhere in a text, or in bytes, that have no columns. Short ones are not looked for. */
  isIn(content: string | Uint8Array): boolean {
    const where =
      typeof content === 'string' ? content : Buffer.from(content.buffer, content.byteOffset, content.length);
    return this.telling.some((form) => where.includes(form));
  }

  /** A text without the forms. */
  hidden(text: string): string {
    return this.telling.reduce((left, form) => left.replaceAll(form, '…'), text);
  }

  /** The forms that are long enough to be looked for anywhere. */
  get telling(): readonly string[] {
    return [...this.forms].filter(({ length }) => length >= tellingCharacters);
  }
}
