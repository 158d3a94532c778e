import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { Zone } from '@adstocrat/examples';
import { commaCells, timeCells, valueVectors, zoneCells } from '@adstocrat/examples/testing';
import { type CellKind, cellKinds } from '@adstocrat/statistics';
import { cellKind } from './cell-kinds.ts';
import { timeMs, trimmedCell, typedCell, utcOf, writesNoZone } from './cell-sql.ts';
import { text } from './sql-text.ts';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run("SET TimeZone = 'UTC'");

/** An expression over the column `c`, for each cell. */
async function each(cells: readonly string[], expression: string): Promise<readonly unknown[]> {
  const values = cells.map((cell, index) => `(${index}, ${text(cell)})`).join(', ');
  const result = await connection.runAndReadAll(
    `SELECT ${expression} FROM (SELECT i, c, ${trimmedCell('c')} AS t FROM (VALUES ${values}) v(i, c)) ORDER BY i`,
  );
  return result.getRows().map(([value]) => value);
}

describe('a cell', () => {
  it('is trimmed of the blanks around a number, at either end and whatever is beside them', async () => {
    const blanks = [' ', '\t', '\n', '\v', '\f', '\r', '\u00a0', '\ufeff'];
    const cells = ['', '~', 'a', 'é', '7', 'a b', '~é', '-1.5'].flatMap((cell) =>
      ['', ...blanks].flatMap((blank) => [`${blank}${cell}`, `${cell}${blank}`, `${blank}${cell}${blank}`]),
    );
    // JavaScript takes these off too, and of others here there are none.
    expect(await each(cells, 't')).toEqual(cells.map((cell) => cell.trim()));
  });

  it('is the number that columnOf reads', async () => {
    const cells = valueVectors.flatMap(({ raw, float, integer }) =>
      typeof raw === 'string' && !raw.includes('\u0000')
        ? [{ raw, float: float ?? null, integer: integer ?? null }]
        : [],
    );
    const raw = cells.map((cell) => cell.raw);
    const floats = await each(raw, typedCell('c', 'float'));
    const integers = await each(raw, `(${typedCell('c', 'integer')})::DOUBLE`);
    const read = raw.map((cell, index) => ({ raw: cell, float: floats[index], integer: integers[index] }));
    // −0 and 0 are one value here.
    expect(JSON.stringify(read)).toBe(JSON.stringify(cells));
  });

  it('with a decimal comma is the number that it is with a point', async () => {
    const read = await each(
      commaCells.map(([cell]) => cell),
      typedCell('c', 'float', { decimal: ',' }),
    );
    expect(commaCells.map(([cell], index) => [cell, read[index]])).toEqual(commaCells);
    expect(
      await each(['1.025', '12', '1,0', '1,5'], `(${typedCell('c', 'integer', { decimal: ',' })})::DOUBLE`),
    ).toEqual([...[1025, 12, 1, null]]);
  });

  it('of a clean column is what it is in any other', async () => {
    const kindsOf = async (cells: readonly string[]): Promise<readonly (CellKind | undefined)[]> =>
      (await each(cells, cellKind('t'))).map((one) => cellKinds[Number(one)]);
    const raw = valueVectors.flatMap(({ raw: cell }) =>
      typeof cell === 'string' && !cell.includes('\u0000')
        ? [cell, ` ${cell}`, `${cell}\u00a0`, `\t${cell}\ufeff`]
        : [],
    );
    const found = await kindsOf(raw);
    for (const [type, kinds] of [
      ['float', ['empty', 'integer', 'decimal', 'pointed', 'big', 'padded']],
      ['integer', ['empty', 'integer']],
    ] as const) {
      const cells = raw.filter((_, index) => kinds.some((kind) => kind === found[index]));
      expect(cells.length).toBeGreaterThan(10);
      const read = await each(cells, typedCell('c', type));
      expect(await each(cells, typedCell('c', type, { isClean: true }))).toEqual(read);
    }
    const times = timeCells.flatMap(([format, cell]) =>
      format === 'iso-8601' ? [cell, ` ${cell}`, `${cell}\u00a0`] : [],
    );
    const forms = await kindsOf(times);
    const clean = times.filter((_, index) => forms[index] === 'iso-8601');
    expect(clean.length).toBeGreaterThan(10);
    expect(await each(clean, timeMs('c', 'iso-8601', true))).toEqual(await each(clean, timeMs('c', 'iso-8601')));
    const [seconds, spelled] = ['1767225600', ' 1767225600.25'];
    expect(await each([seconds, spelled, ''], timeMs('c', 'epoch-seconds', true))).toEqual([
      1767225600000,
      1767225600250,
      null,
    ]);
  });

  it('is the time that readTime reads', async () => {
    for (const [format, cell, ms] of timeCells) {
      const [read] = await each([cell], timeMs('c', format));
      expect([format, cell, read ?? NaN]).toEqual([format, cell, ms]);
    }
  });

  it('is the time that readTime reads by the clock of a zone', async () => {
    for (const [zone, format, cell, utc] of zoneCells) {
      const written = `(SELECT ${timeMs('c', format)} AS ms)`;
      const [read] = await each(
        [cell],
        `(SELECT CASE WHEN ${writesNoZone(trimmedCell('c'), format)} THEN ${utcOf('ms', Zone.of(zone))} ELSE ms END FROM ${written})`,
      );
      const said = typeof read === 'number' ? new Date(read).toISOString() : 'none';
      expect([zone, format, cell, said]).toEqual([zone, format, cell, utc]);
    }
  });

  it.each<readonly [kind: CellKind, cells: readonly string[]]>([
    ['empty', ['', '  ', '\t']],
    ['integer', ['0', '-5', ' 7 ', '9007199254740992']],
    ['big', ['9007199254740993', '-9223372036854775808', '123456789012345678901']],
    ['padded', ['007', '00', '-01']],
    ['decimal', ['1.0', '+5', '.5', '1e5', '-0', '0.125', '1025.125', '1.0255']],
    ['pointed', ['1.025', '-999.000', '12.125', '+1.025']],
    ['word', ['NA', 'nan', '\\N', '-', 'None', '.']],
    ['infinite', ['inf', '-Infinity', '1e400']],
    ['comma', ['3,14', '1,5', '1234,567', '0,870', '-0,123', '007,123', '1.025,46', '-1.234.567,5']],
    ['grouped', ['1,234', '-999,000']],
    ['thousands', ['1.234.567', '-12.345.678']],
    ['iso-8601', ['2026-01-31', '2026-01-31T12:00Z', '2026-01-31 12:00:00.5+01:00']],
    ['dd.mm.yyyy', ['31.12.2025', '1.2.2026 10:00']],
    ['rfc-2822', ['Sat, 31 Jan 2026 12:00:00 +0100', '31 Jan 2026 12:00 GMT']],
    ['dd/mm/yyyy', ['31/12/2025', '13/1/2026 10:00']],
    ['mm/dd/yyyy', ['12/31/2025 3:04 PM']],
    ['dd/mm/yyyy', ['31-12-2025', '13-1-2026 10:00']],
    ['mm/dd/yyyy', ['12-31-2025 3:04 PM']],
    ['slashed', ['01/02/2026', '1/2/2026 10:00:00', '01-02-2026']],
    ['dd.mm.yy', ['31.12.25', '1.2.26 10:00', '10.04.22', '25.12.31']],
    ['dd/mm/yy', ['31/12/25', '13/1/26 10:00:00.5', '31-12-25', '13-1-26 3:04 PM', '25/12/31']],
    ['mm/dd/yy', ['12/31/25', '12/31/25 3:04 PM', '12-31-25', '1/31/26 15:04']],
    ['slashed-yy', ['01/02/26', '1/2/26 10:00:00', '01-02-26 3:04PM', '10-12-08']],
    ['yyyy/mm/dd', ['2026/01/31', '2026/1/31 10:00']],
    [
      'month-name',
      ['31-Jan-26', '1-Sep-2026 10:00', '[31/Jan/2026:12:00:00 +0000]', 'Jan 31, 2026', '31 january 2026'],
    ],
    ['month-name', ['Sat Jan 31 12:00:00 UTC 2026', 'May 1 2026']],
    ['text', ['31-Foo-26', 'May', 'Mayor 31', '2026/13/01', '31-12/2025', '10-12-14-16', '555-12-3456']],
    ['written', ['$5', '1,234.50', "1'234", '1\u00a0234', '€ 7.5', '12%', '12 km', '5 €', '1,234,567']],
    ['written', ['1.5K', '2M', '-3B', '12k', '1,234.5m', '$1.5K', '€ 2M']],
    ['text', ['1.5KM', '2Mx', 'K', '3f9a1K', '1.5T', '1e5K', '2 M5']],
    [
      'written',
      [
        '\u221212',
        '\u22121.5',
        '(106.00)',
        '($5)',
        '10.44-',
        '\u0661\u0662\u0663',
        '\uff11\uff12\uff0e\uff15',
        '\u06f1\u06f2\u066a',
      ],
    ],
    ['text', ['(a)', '(555) 1234', '\u2212', '1-2-', '\u0661a']],
    [
      'text',
      [
        'a',
        '$',
        '$a',
        '3f9a1c07',
        '12e',
        '1Z',
        '7Up',
        '3 kmh2',
        '10 mainstreet',
        '12km3',
        '10.0.1.5',
        '300x250',
        '0x10',
        '2026-13-30',
        '1_000',
        'x'.repeat(100),
        'é',
        '99/99/2026',
        '1.2.3',
        '12.31.25',
        '10.0.22',
        '31.12.125',
        '31.12.25.1',
        '31/12-25',
        '13/31/25',
        '99/12/31',
        '1/2',
        '31.12.25 24:00',
        '31.12.25 3:04 PM',
        '555-12-34',
      ],
    ],
  ])('is %s', async (kind, cells) => {
    const found = await each(cells, cellKind('t'));
    expect(found.map((one) => cellKinds[Number(one)])).toEqual(cells.map(() => kind));
  });
});
