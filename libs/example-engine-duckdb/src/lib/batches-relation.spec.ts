import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ColumnarBatch } from '@adstocrat/examples';
import { relationOfBatches } from './batches-relation.ts';
import { DuckDbSession } from './duckdb-session.ts';
import { rowColumn } from './row-column.ts';

const columns = [
  { name: 'value', type: 'string' },
  { name: 'number', type: 'integer' },
] as const;

/** Every seventh value is missing. */
function* batchesOf(rows: number, batchRows: number): Generator<ColumnarBatch> {
  for (let from = 0; from < rows; from += batchRows) {
    const numbers = Array.from({ length: Math.min(batchRows, rows - from) }, (_, row) => from + row);
    const value = numbers.map((number) => (number % 7 === 0 ? null : `picture-${number}-${'x'.repeat(64)}`));
    yield {
      rows: numbers.length,
      columns: new Map([
        ['value', { type: 'string', values: value }],
        ['number', { type: 'integer', values: Float64Array.from(numbers) }],
      ]),
    };
  }
}

describe('relationOfBatches', () => {
  let workDir: string;
  let session: DuckDbSession;
  beforeAll(async () => {
    workDir = mkdtempSync(join(tmpdir(), 'adstocrat-batches-'));
    session = await DuckDbSession.open({ workDir });
  });
  afterAll(() => {
    session.close();
    expect(readdirSync(workDir).filter((name) => name.endsWith('.parquet'))).toEqual([]);
    rmSync(workDir, { recursive: true });
  });

  it.each([0, 1, 5000, 32_768, 32_769, 100_000])('numbers %i rows as they come, none twice', async (rows) => {
    const { id } = await relationOfBatches(session, columns, batchesOf(rows, 8192));
    const wrong = `"number" IS DISTINCT FROM "${rowColumn}" - 1 OR (value IS NULL) <> ("number" % 7 = 0)`;
    const found = await session.rows(
      `SELECT count(*), count(DISTINCT "number"), count(*) FILTER (WHERE ${wrong}) FROM "${id}"`,
    );
    expect(found[0]?.map(Number)).toEqual([rows, rows, 0]);
  });

  it('takes no more memory for more rows', async () => {
    const bytes = async (): Promise<number> =>
      session.number(`SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'`);
    const before = await bytes();
    // Each value is 80 bytes long and more: 32 MB, and four times that.
    await relationOfBatches(session, columns, batchesOf(400_000, 8192));
    expect((await bytes()) - before).toBeLessThan(2 << 20);
  });
});
