import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonCells } from '@adstocrat/example-engine';
import { parquetColumns } from './parquet-columns.ts';

const folder = mkdtempSync(join(tmpdir(), 'parquet-columns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('parquetColumns', () => {
  it.each([
    {
      list: `[1.0, 2.5, 1e20, 1e16, 0.0000001, 0.000001, 1.5e300, '-0.0'::DOUBLE, NULL, 'nan'::DOUBLE, 'inf'::DOUBLE]::DOUBLE[]`,
      json: '[1, 2.5, 1e20, 1e16, 1e-7, 0.000001, 1.5e300, 0, null, NaN, Infinity]',
    },
    { list: '[0.1, 3, 16777216, 1e10]::FLOAT[]', json: '[0.1, 3, 16777216, 10000000000]' },
    { list: '[1.50, 0, -0.10, 100]::DECIMAL(5, 2)[]', json: '[1.5, 0, -0.1, 100]' },
    { list: '[9007199254740993, -1]::BIGINT[]', json: '[9007199254740993, -1]' },
    { list: '[true, false]', json: '[true, false]' },
    { list: `['1.0', 'True', '']`, json: '["1.0", "True", ""]' },
    { list: '[NULL]::DOUBLE[]', json: '[null]' },
    { list: '[1.0, 2.5]::DOUBLE[2]', json: '[1, 2.5]' },
  ])('make of the list $list what JSON makes of the same values', async ({ list, json }) => {
    const connection = await (await DuckDBInstance.create()).connect();
    const file = join(folder, 'lists.parquet');
    await connection.run(`COPY (SELECT ${list} AS l) TO '${file}' (FORMAT parquet)`);
    const lists = new Map([['l', '|']]);
    const [column] = await parquetColumns(connection, `'${file}'`, file, lists);
    const read = await connection.runAndReadAll(`SELECT ${column?.cell} FROM '${file}'`);
    expect(read.getRows()[0]?.[0] ?? '').toBe(jsonCells(`{"l": ${json}}`, lists).get('l'));
  });
});
