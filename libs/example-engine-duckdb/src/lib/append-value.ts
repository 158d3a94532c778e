import type { DuckDBAppender } from '@duckdb/node-api';
import type { ColumnType } from '@adstocrat/examples';

/** Appends one value as its column's type; NaN and null are missing. Throws `RangeError` for a number that is no integer where one is due. */
export function appendValue(appender: DuckDBAppender, type: ColumnType, value: string | number | null): void {
  if (value === null || Number.isNaN(value)) appender.appendNull();
  else if (type === 'string') appender.appendVarchar(String(value));
  else if (type === 'integer') appender.appendBigInt(BigInt(value));
  else appender.appendDouble(Number(value));
}
