import { type Column, type ColumnarBatch, reservedColumns } from '@adstocrat/examples';

/** Bits that depend on a row and a column alone, so that a row is the same in whatever batch it is made. */
function mixed(row: number, salt: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** In [0, 1), the square of an even draw: small ones are frequent, as ids are in traffic. */
function skewed(row: number, salt: number): number {
  return (mixed(row, salt) / 2 ** 32) ** 2;
}

const words = ['Summer', 'SALE', 'shoes', 'für', 'günstig', '広告', '🛒', 'new', 'red', '50%', 'off', 'now!'];
const awkward = [
  'constructor',
  '__proto__',
  'toString',
  ' ',
  'NA',
  '1.0',
  '007',
  '\ud800',
  'a\u001fb',
  'TRUE',
  'e'.repeat(300),
];
const firstMs = 1_767_225_600_000; // 2026-01-01

type Cell = (row: number) => string | number | null;

function text(salt: number, distinct: number): Cell {
  return (row) => {
    const bits = mixed(row, salt + 100) % 1000;
    if (bits < 20) return null;
    if (bits < 22) return awkward[mixed(row, salt + 200) % awkward.length]!;
    return `v${Math.floor(skewed(row, salt) * distinct)}`;
  };
}

function number(salt: number, of: (u: number) => number): Cell {
  return (row) => (mixed(row, salt + 100) % 50 === 0 ? NaN : of(mixed(row, salt) / 2 ** 32));
}

function someWords(salt: number, separator: string): Cell {
  return (row) => {
    const count = mixed(row, salt) % 6;
    return Array.from({ length: count }, (_, at) => words[mixed(row, salt + at + 1) % words.length]).join(separator);
  };
}

/** Twenty columns of a click log, and what is awkward in one: missing values, strange text, wild numbers, times in three forms. */
const cells: Readonly<Record<string, readonly [Column['type'], Cell]>> = {
  site: ['string', text(1, 200)],
  campaign: ['string', text(2, 3000)],
  creative: ['string', text(3, 20_000)],
  device: ['string', text(4, 5)],
  browser: ['string', text(5, 30)],
  country: ['string', text(6, 120)],
  user: ['string', text(7, 1_000_000)],
  session: ['string', text(8, 1_000_000)],
  tags: ['string', someWords(9, '|')],
  headline: ['string', someWords(10, ' ')],
  page: ['string', (row) => `https://www.s${mixed(row, 11) % 99}.example/p?q=${mixed(row, 12) % 999}`],
  hour_code: ['integer', number(13, (u) => Math.floor(u * 24))],
  position: ['integer', number(14, (u) => Math.floor(u * u * 10))],
  price: ['float', number(15, (u) => u * u * u * 900)],
  bid: ['float', number(16, (u) => (u < 0.001 ? 1e300 : u - 0.5))],
  views: ['integer', number(17, (u) => Math.floor(1 / (u + 1e-6)))],
  width: ['integer', number(18, (u) => 100 * Math.floor(u * 8))],
  angle: ['float', number(19, (u) => (u - 0.5) * 1e5)],
  shown_at: ['string', (row) => new Date(firstMs + row * 137 + (mixed(row, 20) % 1000)).toISOString()],
  launched: ['integer', (row) => Math.floor(firstMs / 1000) - (mixed(row, 21) % 9_000_000)],
};

export const sampleColumns: readonly string[] = Object.keys(cells);

/** The raw cells of one row, in the order of {@link sampleColumns}. */
export function sampleCells(row: number): readonly (string | number | null)[] {
  return Object.values(cells).map(([, cell]) => cell(row));
}

/** Rows `from` to `from + rows` with label, time and id, as an example engine gives them. Always the same ones. */
export function sampleRows(from: number, rows: number): ColumnarBatch {
  const columns = new Map<string, Column>();
  for (const [name, [type, cell]] of Object.entries(cells)) {
    if (type === 'string')
      columns.set(name, { type, values: Array.from({ length: rows }, (_, row) => cell(from + row) as string | null) });
    else
      columns.set(name, { type, values: Float64Array.from({ length: rows }, (_, row) => cell(from + row) as number) });
  }
  const each = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => of(from + row));
  columns.set(reservedColumns.label, { type: 'integer', values: each((row) => (mixed(row, 40) % 10 === 0 ? 1 : 0)) });
  columns.set(reservedColumns.timeMs, { type: 'integer', values: each((row) => firstMs + row * 137) });
  columns.set(reservedColumns.id, {
    type: 'string',
    values: Array.from({ length: rows }, (_, row) => `${from + row}`),
  });
  return { rows, columns };
}

export const sampleTypes: ReadonlyMap<string, Column['type']> = new Map(
  Object.entries(cells).map(([name, [type]]) => [name, type]),
);
