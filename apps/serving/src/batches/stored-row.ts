import type { ClickRow } from '../click/click-request.ts';
import { ListValue, listTexts } from '../infer/list-value.ts';
import { predictionIdName } from '../infer/names.ts';
import type { MixedValue } from '../infer/tensor.ts';

type Cell = string | number | boolean | null;

/**
 * A row as an object of JSON that a batch reads as the same values, whichever version it is scored by: a list stays one, since each version
 * has a separator of its own. One of a single value is that value, which may be joined already. Throws `BadInput` for bytes in a list that
 * are no text.
 */
export function storedRow({ features, predictionId }: ClickRow, row: number): Readonly<Record<string, unknown>> {
  const cells = Array.from(features, ([name, value]) => [name, cellOf(name, value, row)] as const);
  // Each row has an id, so that one without any feature is a row too.
  return Object.fromEntries([...cells, [predictionIdName, predictionId === '' ? null : predictionId]]);
}

function cellOf(name: string, value: MixedValue | ListValue, row: number): Cell | readonly string[] {
  if (!(value instanceof ListValue)) return plainOf(value);
  const texts = listTexts(value.values, name, row);
  return value.values.length > 1 ? texts : (texts[0] ?? '');
}

/** Integers of 64 bits as their digits; what is no number is missing. */
function plainOf(value: MixedValue): Cell {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array || Number.isNaN(value)) return null;
  return value;
}
