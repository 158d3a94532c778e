import type { PersonalKeys } from './personal-keys.ts';

/** A value of a row as events carry it. */
interface CarriedValue {
  readonly text?: string | undefined;
  readonly integer?: number | undefined;
  readonly number?: number | undefined;
}

/** A shorter value is found in bytes that hold it by coincidence. */
const tellingCharacters = 8;

/**
 * Somebody whose rows are looked for: by a column, and by all that a stored value of it may be. These are the value's pseudonyms by
 * every key that there is, and the value itself, which stands where the column was not personal.
 */
export class Person {
  readonly column: string;
  readonly forms: ReadonlySet<string>;

  constructor(column: string, forms: Iterable<string>) {
    this.column = column;
    this.forms = new Set(forms);
  }

  static of(column: string, value: string, keys: PersonalKeys): Person {
    return new Person(column, [...keys.all.map((key) => key.pseudonym(value)), value]);
  }

  /** Whether a row of features is theirs. */
  has(features: Readonly<Record<string, CarriedValue>>): boolean {
    const value = Object.hasOwn(features, this.column) ? features[this.column] : undefined;
    const given = value?.text ?? value?.integer ?? value?.number;
    return given !== undefined && this.forms.has(String(given));
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
