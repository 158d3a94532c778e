import type { Column, ColumnType } from '@adstocrat/examples';
import { InvalidRequest } from '@adstocrat/service-kit';

/** One input as it came over either protocol, a value a row. Missing: null, an empty string, NaN. */
export type RawInput =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'text'; readonly values: readonly (string | null)[] }
  | { readonly kind: 'number'; readonly values: Float64Array };

/** An input as a raw column of the schema's type. Throws {@link InvalidRequest} naming input, row and value. */
export function columnOf(name: string, type: ColumnType, input: RawInput): Column {
  if (type === 'string') return { type, values: textsOf(input) };
  if (input.kind === 'number') return { type, values: input.values };
  return {
    type,
    values: Float64Array.from(
      textsOf(input),
      eachOnce((text, row) => {
        if (text === null || text.trim() === '') return NaN;
        const value = Number(text);
        if (Number.isNaN(value) && text.trim().toLowerCase() !== 'nan')
          throw new InvalidRequest(`input "${name}", row ${row}: "${text}" is not a number, and the column is ${type}`);
        return value;
      }),
    ),
  };
}

/** The same for a value that follows itself: a tensor may repeat one for all rows. */
function eachOnce<V, R>(of: (value: V, row: number) => R): (value: V, row: number) => R {
  let last: { readonly value: V; readonly made: R } | undefined;
  return (value, row) => {
    if (last === undefined || last.value !== value) last = { value, made: of(value, row) };
    return last.made;
  };
}

/** Values as text, null where missing. Numbers as decimal digits, as ingestion writes them. */
export function textsOf(input: RawInput): readonly (string | null)[] {
  switch (input.kind) {
    case 'text':
      return input.values.map((value) => (value === '' ? null : value));
    case 'bytes':
      return input.values.map(
        eachOnce((value) =>
          value.length === 0 ? null : Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8'),
        ),
      );
    case 'number':
      return Array.from(input.values, (value) => (Number.isNaN(value) ? null : String(value)));
  }
}
