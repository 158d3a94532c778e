import { DOUBLE, type DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';

/** Whether values of a type need not be whole. */
export function isFractional({ typeId }: DuckDBType): boolean {
  return typeId === DuckDBTypeId.FLOAT || typeId === DuckDBTypeId.DOUBLE || typeId === DuckDBTypeId.DECIMAL;
}

/**
 * SQL: a number as JavaScript writes it, and so `jsonCells` and the server do, but for a whole one, which may end in `.0`: that it is of a
 * column of fractions is to be seen, and `canonicalText` takes it off. NULL for NaN. A whole DECIMAL has all of its digits.
 */
export function numberText(value: string, type: DuckDBType = DOUBLE): string {
  const written = `${value}::VARCHAR`;
  if (type.typeId !== DuckDBTypeId.DECIMAL) return binaryText(value, written);
  const { width, scale } = type as DuckDBDecimalType;
  if (scale === 0) return written;
  // DuckDB writes no 0 before the point where none fits.
  if (width === scale) return binaryText(`${written}::DOUBLE`);
  const whole = `ends_with(${written}, '.${'0'.repeat(scale)}')`;
  if (width > 15 || scale > 6) return `CASE WHEN ${whole} THEN ${written} ELSE ${binaryText(`${written}::DOUBLE`)} END`;
  // So few digits are those of the nearest double, and it is large enough to be written without an exponent.
  return `CASE WHEN ends_with(${written}, '0') AND NOT ${whole} THEN rtrim(${written}, '0') ELSE ${written} END`;
}

/** Between these DuckDB writes digits as JavaScript does; below and above in the way of C, where `to_json` does. */
function binaryText(value: string, written = `${value}::VARCHAR`): string {
  // By its own shortest text, which of a FLOAT is shorter than that of the same DOUBLE.
  const json = `to_json(${written}::DOUBLE)::VARCHAR`;
  return `CASE WHEN abs(${value}) BETWEEN 1e-4 AND 1e15 OR ${value} = 0 THEN ${written}
    WHEN NOT isnan(${value}) THEN regexp_replace(${json}, 'e([0-9])', 'e+\\1') END`;
}
