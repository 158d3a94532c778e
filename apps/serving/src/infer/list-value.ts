import { isUtf8 } from 'node:buffer';
import { BadInput } from './inference-failure.ts';
import type { MixedValue } from './tensor.ts';

/** Several values of one row: for a column that the model reads as a list. */
export class ListValue {
  readonly values: readonly MixedValue[];

  constructor(values: readonly MixedValue[]) {
    this.values = values;
  }

  /** Of its texts, with what stands between them: as long as a value may be, so may they be together. */
  get length(): number {
    return this.values.reduce<number>((sum, value) => {
      const isText = typeof value === 'string' || value instanceof Uint8Array;
      return sum + (isText ? value.length : 1) + 1;
    }, 0);
  }
}

/**
 * A list as the cell that training made of an array: its values joined, those that are missing left out. Throws {@link BadInput} where the
 * column is read as one value (`separator` undefined), and for a value that holds the separator. Null: no feature reads the column.
 */
export function joinedList(
  { values }: ListValue,
  {
    input,
    row,
    separator,
  }: { readonly input: string; readonly row: number; readonly separator: string | null | undefined },
): string | null {
  if (separator === undefined) throw refusedList(input, row);
  if (separator === null) return null;
  const texts = listTexts(values, input, row);
  // One value is the cell as it is sent without a list, joined already perhaps.
  const torn = values.length < 2 ? undefined : texts.find((text) => text.includes(separator));
  if (torn !== undefined)
    throw new BadInput(
      'value',
      input,
      `a value of the list holds ${JSON.stringify(separator)}, which stands between its values`,
      row,
    );
  return texts.join(separator);
}

/** What is said of a list in a column that the model reads as one value. */
export function refusedList(input: string, row?: number): BadInput {
  return new BadInput('shape', input, 'holds a list, and the model reads this column as one value', row);
}

/** The values of a list as texts, without those that are missing. Throws {@link BadInput} for bytes that are no text. */
export function listTexts(values: readonly MixedValue[], input: string, row: number): readonly string[] {
  return values.map((value) => textOf(value, input, row)).filter((text) => text !== '');
}

/** Empty where missing. */
function textOf(value: MixedValue, input: string, row: number): string {
  if (value === null || Number.isNaN(value)) return '';
  if (!(value instanceof Uint8Array)) return String(value);
  if (!isUtf8(value)) throw new BadInput('value', input, 'these bytes are no UTF-8', row);
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
}

/** What is said of a shape with several values a row. */
export function joinHint(separator: string | undefined): string {
  return separator === undefined
    ? ''
    : `: several values of a row are one text, with ${JSON.stringify(separator)} between them`;
}
