import { type Data, Float64, Int32, Int64, makeData, Utf8 } from 'apache-arrow';

/** Values of a column on their way into Arrow. */
export type ArrowKind = 'long' | 'integer' | 'double' | 'string';

/** A column of Arrow. Null is missing. */
export function arrowColumn(kind: ArrowKind, values: readonly (string | number | bigint | null)[]): Data {
  const { nullBitmap, nullCount } = missing(values);
  const shape = { length: values.length, nullBitmap, nullCount };
  switch (kind) {
    case 'string':
      return makeData({ type: new Utf8(), ...shape, ...utf8(values) });
    case 'double':
      return makeData({
        type: new Float64(),
        ...shape,
        data: Float64Array.from(values, (value) => Number(value ?? 0)),
      });
    case 'integer':
      return makeData({ type: new Int32(), ...shape, data: Int32Array.from(values, (value) => Number(value ?? 0)) });
    case 'long':
      return makeData({ type: new Int64(), ...shape, data: BigInt64Array.from(values, (value) => BigInt(value ?? 0)) });
  }
}

function missing(values: readonly unknown[]): { readonly nullBitmap: Uint8Array; readonly nullCount: number } {
  const nullBitmap = new Uint8Array(((values.length + 63) >> 6) << 3);
  let nullCount = 0;
  for (const [row, value] of values.entries()) {
    if (value === null) nullCount += 1;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  }
  return { nullBitmap, nullCount };
}

function utf8(values: readonly unknown[]): { readonly valueOffsets: Int32Array; readonly data: Uint8Array } {
  const texts = values.map((value) => (value === null ? '' : String(value)));
  const data = Buffer.from(texts.join(''));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [row, text] of texts.entries()) valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + Buffer.byteLength(text);
  return { valueOffsets, data };
}
