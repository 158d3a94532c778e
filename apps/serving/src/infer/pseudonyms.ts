import { createHash } from 'node:crypto';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { textAt } from '@adstocrat/transforms';

/** The pseudonym of a value: the first 16 hex digits of the sha256 of its text, as ingestion writes it. */
export function pseudonym(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The batch with the values of personal columns turned into pseudonyms. Neither model nor prediction log sees the values. */
export function withPseudonyms(batch: ColumnarBatch, hashed: readonly string[] = []): ColumnarBatch {
  const present = hashed.filter((name) => batch.columns.has(name));
  if (present.length === 0) return batch;
  const columns = new Map<string, Column>(batch.columns);
  for (const name of present) {
    const column = batch.columns.get(name);
    const values = Array.from({ length: batch.rows }, (_, row) => {
      const text = textAt(column, row);
      return text === null ? null : pseudonym(text);
    });
    columns.set(name, { type: 'string', values });
  }
  return { rows: batch.rows, columns };
}
