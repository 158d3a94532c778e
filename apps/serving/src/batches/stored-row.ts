import type { ClickRow } from '../click/click-request.ts';
import { joinedList, ListValue } from '../infer/list-value.ts';
import { predictionIdName } from '../infer/names.ts';
import type { MixedValue } from '../infer/tensor.ts';

/**
 * A row as an object of JSON that a batch reads as the same values. A list is the cell that the model reads, since a batch refuses arrays
 * that a request may have: of one value which holds the separator. `separatorOf`: as `arraySeparator` says how a list in a column is read.
 */
export function storedRow(
  { features, predictionId }: ClickRow,
  row: number,
  separatorOf: (name: string) => string | null | undefined,
): Readonly<Record<string, unknown>> {
  const cellOf = (name: string, value: MixedValue | ListValue): string | number | boolean | null =>
    value instanceof ListValue ? joinedList(value, { input: name, row, separator: separatorOf(name) }) : plainOf(value);
  const cells = Array.from(features, ([name, value]) => [name, cellOf(name, value)] as const);
  // Each row has an id, so that one without any feature is a row too.
  return Object.fromEntries([...cells, [predictionIdName, predictionId === '' ? null : predictionId]]);
}

/** Integers of 64 bits as their digits; what is no number is missing. */
function plainOf(value: MixedValue): string | number | boolean | null {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array || Number.isNaN(value)) return null;
  return value;
}
