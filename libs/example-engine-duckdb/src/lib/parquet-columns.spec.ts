import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { jsonCells } from '@adstocrat/example-engine';
import { canonicalText } from '@adstocrat/examples';
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

  // What a file of the same numbers in JSON has, but for whole ones beyond 2^53, which a DECIMAL holds and JSON's 1.0 does not.
  it.each([
    [
      'DOUBLE',
      ['1e20', '1.5', '1e-5', '1e16', '-0.0', `'nan'`, `'-inf'`],
      ['100000000000000000000', '1.5', '0.00001', '10000000000000000', '0', null, '-Infinity'],
    ],
    [
      'FLOAT',
      ['0.1', '1e-5', '1e16', '16777216', '88402704', '730803968'],
      ['0.1', '0.00001', '10000000000000000', '16777216', '88402704', '730803968'],
    ],
    ['DECIMAL(5, 2)', ['1.50', '100', '-0.10', '0', '99.99'], ['1.5', '100', '-0.1', '0', '99.99']],
    [
      'DECIMAL(38, 10)',
      ['0.0000000100', '9007199254740993', '1234567890.1234567890', '1.5'],
      ['1e-8', '9007199254740993', '1234567890.1234567', '1.5'],
    ],
    ['DECIMAL(4, 4)', ['0.5', '-0.1000', '0', '0.0001'], ['0.5', '-0.1', '0', '0.0001']],
    ['DECIMAL(38, 38)', ['0.25', '0'], ['0.25', '0']],
    ['DECIMAL(38, 0)', ['12345678901234567890'], ['12345678901234567890']],
  ] as const)('spell what a %s holds as one text', async (type, cells, texts) => {
    const connection = await (await DuckDBInstance.create()).connect();
    const file = join(folder, 'cells.parquet');
    const values = cells.map((cell) => `(${cell}::${type})`).join(', ');
    await connection.run(`COPY (SELECT * FROM (VALUES ${values}) t(c)) TO '${file}' (FORMAT parquet)`);
    const [column] = await parquetColumns(connection, `'${file}'`, file, new Map());
    const read = await connection.runAndReadAll(`SELECT ${column?.cell} FROM '${file}'`);
    const found = read.getRows().map(([cell]) => (typeof cell === 'string' ? canonicalText(cell) : cell));
    expect(found).toEqual(texts);
  });
});
