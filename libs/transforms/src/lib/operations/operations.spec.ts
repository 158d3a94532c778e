import { describe, expect, it } from 'vitest';
import type { RawValue } from '@adstocrat/examples';
import { CompiledTransform } from '../compiled-transform.ts';
import { hashBucket } from '../exact/fingerprint-64.ts';
import type { TransformGraph } from '../transform-graph.ts';
import { batchOf, fitOn, planned } from '../../testing/fit-on.ts';
import { operations } from './index.ts';

interface Row {
  readonly op: string;
  readonly parameters?: object;
  /** Cells of column x, and of others, that it is fitted on. */
  readonly fit?: Readonly<Record<string, readonly RawValue[]>>;
  /** Cells that it is applied to. */
  readonly on: Readonly<Record<string, readonly RawValue[]>>;
  /** A list a row. */
  readonly ids?: readonly (readonly number[])[];
  readonly numbers?: readonly (readonly number[])[];
}

const times = (text: string, count: number): readonly string[] => Array<string>(count).fill(text);
/** Five times b, six times a, once c. */
const letters = [...times('b', 5), ...times('a', 6), 'c'];
const ln = Math.log;
const oneToFive = { x: [1, 2, 3, 4, 5] };
/** 1 to 100: quantiles by nearest rank are the values themselves. */
const hundred = { x: Array.from({ length: 100 }, (_, index) => index + 1) };
// Sunday, 4 January 2026, 23:30 UTC, and a leap day, a Thursday.
const moments = { x: ['2026-01-04T23:30:00Z', '2024-02-29T00:00:00Z', null, 'no time'] };

/** A row an operation, or more. Expected values are derived in the comments, or by hand from the definition. */
const table: readonly Row[] = [
  // By count: a, b; c is too rare. Others share one bucket.
  {
    op: 'vocabulary',
    fit: { x: letters },
    on: { x: ['a', 'b', 'c', null, '', 'new'] },
    ids: [[1], [2], [3], [0], [0], [3]],
  },
  {
    op: 'vocabulary',
    parameters: { limit: 1, oovBuckets: 0 },
    fit: { x: letters },
    on: { x: ['a', 'b'] },
    ids: [[1], [0]],
  },
  // One value, however it is written, and a name of Object.prototype is a value like others.
  {
    op: 'vocabulary',
    parameters: { minCount: 1 },
    fit: { x: ['7', '7.0', 'constructor', '__proto__', 'toString', 'constructor'] },
    on: { x: ['7.00', 'constructor', '__proto__', 'toString', 'valueOf'] },
    ids: [[1 + 0], [2], [3], [4], [5]],
    // Counts: 7 and constructor twice, by bytes; then __proto__ and toString.
  },
  { op: 'vocabulary', parameters: { minCount: 1 }, fit: { x: [7, 8, 8] }, on: { x: ['8', '7.0'] }, ids: [[1], [2]] },
  {
    op: 'hash',
    parameters: { buckets: 100 },
    on: { x: ['ad', 5, '5.0', null].map((cell) => (cell === null ? null : String(cell))) },
    ids: [[1 + hashBucket('ad', 100)], [1 + hashBucket('5', 100)], [1 + hashBucket('5', 100)], [0]],
  },
  {
    op: 'cross',
    parameters: { buckets: 1000, with: 'y' },
    on: { x: ['a', 'a', null, null], y: ['b', null, 'b', null] },
    ids: [
      [1 + hashBucket('a\u001fb', 1000)],
      [1 + hashBucket('a\u001f', 1000)],
      [1 + hashBucket('\u001fb', 1000)],
      [0],
    ],
  },
  {
    op: 'crossVocabulary',
    parameters: { minCount: 2, with: ['y', 'z'], oovBuckets: 0 },
    fit: { x: ['a', 'a', 'b'], y: [1, 1, 1], z: ['t', 't', 't'] },
    on: { x: ['a', 'b'], y: [1, 1], z: ['t', 't'] },
    ids: [[1], [0]],
  },
  {
    op: 'list',
    parameters: { minCount: 2, length: 3, oovBuckets: 1 },
    fit: { x: ['a|b', ' b | c', 'b|a|d'] },
    on: { x: ['b|a|b|x', '', 'c|b|a|b', null, '|'] },
    // b three times, a twice; x and c share the bucket 3.
    ids: [
      [1, 2, 3],
      [0, 0, 0],
      [3, 1, 2],
      [0, 0, 0],
      [0, 0, 0],
    ],
  },
  {
    op: 'hashedList',
    parameters: { buckets: 50, length: 2, separator: ', ' },
    on: { x: ['a, b', 'c'] },
    ids: [
      [1 + hashBucket('a', 50), 1 + hashBucket('b', 50)],
      [1 + hashBucket('c', 50), 0],
    ],
  },
  {
    op: 'tokens',
    parameters: { minCount: 1, length: 4, oovBuckets: 0 },
    fit: { x: ['Big SALE, big!', 'grün sale'] },
    on: { x: ['Sale: GRÜN? grün', 'BIG-big', '!!'] },
    // big twice in one row counts once, so big 1, sale 2, grün 1: sale, then big and grün by bytes. GRÜN keeps its Ü: only ASCII is folded.
    ids: [
      [1, 0, 3, 0],
      [2, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  },
  {
    op: 'ngrams',
    parameters: { buckets: 99, length: 3, from: 1, to: 2 },
    on: { x: ['Red shoes'] },
    ids: [[1 + hashBucket('red', 99), 1 + hashBucket('shoes', 99), 1 + hashBucket('red shoes', 99)]],
  },
  {
    op: 'characterNgrams',
    parameters: { buckets: 99, length: 3 },
    on: { x: ['Ab🛒d', 'ab'] },
    ids: [
      [1 + hashBucket('ab🛒', 99), 1 + hashBucket('b🛒d', 99), 0],
      [0, 0, 0],
    ],
  },
  {
    op: 'prefix',
    parameters: { length: 2, minCount: 1 },
    fit: { x: ['10115', '10117', '80331'] },
    on: { x: ['10999', '80'] },
    ids: [[1], [2]],
  },
  {
    op: 'urlHost',
    parameters: { minCount: 1, oovBuckets: 0 },
    fit: { x: ['https://www.shop.example/a?b', 'news.example:8080/x', 'news.example'] },
    on: { x: ['HTTP://user@SHOP.example#f', '//news.example', 'other.example', '?'] },
    ids: [[2], [1], [0], [0]],
  },
  // Quartiles of 1 to 100: 25, 50, 75. A value on a boundary is above it.
  {
    op: 'quantileBuckets',
    parameters: { buckets: 4 },
    fit: hundred,
    on: { x: [24, 25, 74.9, 1e9, NaN] },
    ids: [[1], [2], [3], [4], [0]],
  },
  { op: 'quantileBuckets', parameters: { buckets: 2 }, fit: oneToFive, on: { x: [2, 3, 4] }, ids: [[1], [2], [2]] },
  {
    op: 'fixedBuckets',
    parameters: { boundaries: [10, 0, 10] },
    on: { x: [-1, 0, 10, NaN] },
    ids: [[1], [2], [3], [0]],
  },
  // 0 to 100 in four parts.
  {
    op: 'uniformBuckets',
    parameters: { buckets: 4 },
    fit: { x: [0, 100, 3] },
    on: { x: [-5, 25, 99] },
    ids: [[1], [2], [4]],
  },
  // 10 to 50 in four parts.
  {
    op: 'uniformBuckets',
    parameters: { buckets: 4 },
    fit: { x: [10, 50] },
    on: { x: [19, 20, 55] },
    ids: [[1], [2], [4]],
  },
  // 1 for 0; 2^e is 2 + e + 40; negative ones 81 further.
  {
    op: 'magnitude',
    on: { x: [0, 1, 1.99, 2, 0.5, -8, 1e300, NaN] },
    ids: [[1], [42], [42], [43], [41], [126], [82], [0]],
  },
  // The least and the greatest of each sign, and what is beyond them.
  {
    op: 'magnitude',
    on: { x: [2 ** -40, 2 ** -41, 2 ** 40, 1e300, -(2 ** -40), -1e-300, -(2 ** 40), -1e300] },
    ids: [[2], [2], [82], [82], [83], [83], [163], [163]],
  },
  { op: 'hour', on: moments, ids: [[24], [1], [0], [0]] },
  { op: 'hour', parameters: { offsetMinutes: 60 }, on: moments, ids: [[1], [2], [0], [0]] },
  {
    op: 'hour',
    parameters: { offsetMinutes: 60 },
    on: { x: ['2026-01-01T22:59:59.990Z', '2026-01-01T23:00:00Z'] },
    ids: [[24], [1]],
  },
  // Numbers tell time in the unit that their size says: seconds here. 1,767,569,400 s is the Sunday above.
  { op: 'hour', fit: { x: [1_767_569_400] }, on: { x: [1_767_569_400] }, ids: [[24]] },
  { op: 'hour', fit: { x: [1_767_569_400_000_000] }, on: { x: [1_767_569_400_000_000] }, ids: [[24]] },
  // Other ways of writing times, told by the cells: 31 is no month. 31 December 2025 was a Wednesday.
  { op: 'weekday', on: { x: ['31.12.2025 23:00', '1.12.2025'] }, ids: [[3], [1]] },
  { op: 'weekday', on: { x: ['12/31/2025', '12/01/2025'] }, ids: [[3], [1]] },
  { op: 'hour', on: { x: ['Wed, 31 Dec 2025 10:20:30 +0100', '2025'] }, ids: [[10], [0]] },
  // Digits: 31 December 2025 again, a Wednesday, at 23 o'clock; as hours, 21 October 2014 was a Tuesday.
  { op: 'weekday', fit: { x: [20251231] }, on: { x: [20251231, 20251301, NaN] }, ids: [[3], [0], [0]] },
  { op: 'hour', fit: { x: [2025123123] }, on: { x: [2025123123, 20251231] }, ids: [[24], [1]] },
  { op: 'hour', fit: { x: ['20251231230000123'] }, on: { x: ['20251231230000123'] }, ids: [[24]] },
  { op: 'weekday', fit: { x: [14_102_100] }, on: { x: [14_102_123, 9_010_200] }, ids: [[2], [5]] },
  { op: 'weekday', fit: { x: ['31.12.2025'] }, on: { x: ['31.12.2025'] }, ids: [[3]] },
  { op: 'dayOfMonth', parameters: { format: 'mm/dd/yyyy' }, on: { x: ['1/2/2025'] }, ids: [[2]] },
  { op: 'weekday', on: moments, ids: [[7], [4], [0], [0]] },
  { op: 'hourOfWeek', on: moments, ids: [[1 + 6 * 24 + 23], [1 + 3 * 24], [0], [0]] },
  { op: 'weekend', on: moments, ids: [[2], [1], [0], [0]] },
  { op: 'dayOfMonth', on: moments, ids: [[4], [29], [0], [0]] },
  { op: 'month', on: moments, ids: [[1], [2], [0], [0]] },
  // The last hours of a day, a month and a year.
  { op: 'month', on: { x: ['2026-01-31T23:00:00Z', '2026-12-31T23:00:00Z'] }, ids: [[1], [12]] },
  { op: 'dayOfMonth', on: { x: ['2026-01-31T23:00:00Z'] }, ids: [[31]] },
  { op: 'weekOfYear', on: { x: ['2026-01-07T23:00:00Z', '2026-12-31T23:00:00Z'] }, ids: [[1], [53]] },
  { op: 'weekend', on: { x: ['2026-01-02T23:00:00Z', '2026-01-03', '2026-01-05'] }, ids: [[1], [2], [1]] },
  // 29 February is day 59 from 0: the ninth week.
  { op: 'weekOfYear', on: moments, ids: [[1], [9], [0], [0]] },
  // Mean 3, population deviation √2.
  { op: 'zScore', fit: oneToFive, on: { x: [3, 5, NaN, 1e9, -1e9] }, numbers: [[0], [Math.SQRT2], [0], [8], [-8]] },
  { op: 'zScore', fit: { x: [4, 4] }, on: { x: [4, 5] }, numbers: [[0], [1]] },
  {
    op: 'log1p',
    parameters: { standardize: false },
    on: { x: [0, 1, -3, NaN, 0.5] },
    fit: oneToFive,
    numbers: [[0], [ln(2)], [-ln(4)], [0], [ln(1.5)]],
  },
  // ln 1 and ln 3: mean and deviation are ln(3)/2.
  { op: 'log1p', fit: { x: [0, 2] }, on: { x: [0, 2, 8] }, numbers: [[-1], [1], [3]] },
  {
    op: 'power',
    parameters: { standardize: false, exponent: 1.5 },
    fit: oneToFive,
    on: { x: [4, -4, 0, 0.25] },
    numbers: [[8], [-8], [0], [0.125]],
  },
  { op: 'minMax', fit: { x: [10, 30] }, on: { x: [10, 15, 99, -9, NaN] }, numbers: [[0], [0.25], [1], [0], [0]] },
  // Quartiles 25, 50, 75.
  { op: 'robustScale', fit: hundred, on: { x: [50, 100, 1e9] }, numbers: [[0], [1], [8]] },
  // Quantiles 1, 50, 100 stand at −1, 0, 1; 25.5 is halfway from 1 to 50.
  {
    op: 'quantileRank',
    parameters: { quantiles: 2 },
    fit: hundred,
    on: { x: [0, 1, 25.5, 50, 75, 100, NaN] },
    numbers: [[-1], [-1], [-0.5], [0], [0.5], [1], [0]],
  },
  // Quantiles 1, 1, 3: a number that several of them are stands where the last one does; 2 is halfway from there.
  {
    op: 'quantileRank',
    parameters: { quantiles: 2 },
    fit: { x: [1, 1, 1, 1, 2, 3] },
    on: { x: [1, 2] },
    numbers: [[0], [0.5]],
  },
  // Cut to 2 … 4 the training values are 2, 2, 3, 4, 4: mean 3, deviation √0.8.
  {
    op: 'clip',
    parameters: { min: 2, max: 4 },
    fit: oneToFive,
    on: { x: [3, 9, 0] },
    numbers: [[0], [1 / Math.sqrt(0.8)], [-1 / Math.sqrt(0.8)]],
  },
  {
    op: 'winsorize',
    parameters: { low: 0.1, high: 0.9 },
    fit: hundred,
    on: { x: [10, 50, 90, 1000, NaN] },
    numbers: [[-1], [0], [1], [1], [0]],
  },
  // Both quantiles are 5.
  { op: 'winsorize', fit: { x: [5, 5] }, on: { x: [4, 5, 6] }, numbers: [[-1], [0], [1]] },
  // All are 7.
  { op: 'minMax', fit: { x: [7, 7] }, on: { x: [6, 7, 8] }, numbers: [[0], [0], [1]] },
  { op: 'robustScale', fit: { x: [7, 7] }, on: { x: [6, 7, 9] }, numbers: [[-1], [0], [2]] },
  // Median 3.
  {
    op: 'impute',
    fit: { x: [1, 2, 3, 4, 5, NaN] },
    on: { x: [3, NaN, 5] },
    numbers: [
      [0, 0],
      [0, 1],
      [Math.SQRT2, 0],
    ],
  },
  // Mean 2.5, deviation √1.25; of an even number of values the median is the lower of the two in the middle.
  {
    op: 'impute',
    fit: { x: [1, 2, 3, 4] },
    on: { x: [NaN] },
    numbers: [[-0.5 / Math.sqrt(1.25), 1]],
  },
  { op: 'impute', parameters: { value: 5 }, fit: oneToFive, on: { x: [NaN] }, numbers: [[Math.SQRT2, 1]] },
  { op: 'missing', on: { x: ['a', null, ''] }, numbers: [[0], [1], [1]] },
  { op: 'missing', on: { x: [0, NaN] }, numbers: [[0], [1]] },
  {
    op: 'identity',
    on: { x: [0.1, NaN, 1e300, -1e300] },
    numbers: [[0.1], [0], [3.4028234663852886e38], [-3.4028234663852886e38]],
  },
  {
    op: 'equals',
    parameters: { values: ['a', 5, true] },
    on: { x: ['a', '5.0', 'True', 'b', null] },
    numbers: [[1], [1], [1], [0], [0]],
  },
  {
    op: 'ratio',
    parameters: { by: 'y', standardize: false },
    fit: { x: [1], y: [1] },
    on: { x: [1, 1, NaN], y: [4, 0, 1] },
    numbers: [[0.25], [0], [0]],
  },
  {
    op: 'difference',
    parameters: { from: 'y', standardize: false },
    fit: { x: [1], y: [1] },
    on: { x: [1, 1], y: [4, NaN] },
    numbers: [[-3], [0]],
  },
  {
    op: 'textLength',
    parameters: { standardize: false },
    fit: { x: ['a'] },
    on: { x: ['abc', null] },
    numbers: [[3], [0]],
  },
  {
    op: 'wordCount',
    parameters: { standardize: false },
    fit: { x: ['a'] },
    on: { x: ['One two-three', null] },
    numbers: [[3], [0]],
  },
  {
    op: 'cyclic',
    parameters: { period: 360 },
    on: { x: [0, 90, -90, 720, NaN] },
    numbers: [
      [0, 1],
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, 0],
    ],
  },
  // Six in the morning, and noon.
  {
    op: 'cyclicTime',
    on: { x: ['2026-01-01T06:00:00Z', '2026-01-01T12:00:00Z', null] },
    numbers: [
      [1, 0],
      [0, -1],
      [0, 0],
    ],
  },
  // A quarter and a half of an hour; of a day, in local time; of a week, which begins on Monday, 5 January.
  {
    op: 'cyclicTime',
    parameters: { period: 'hour' },
    on: { x: ['2026-01-01T06:15:00Z', '2026-01-01T06:30:00Z'] },
    numbers: [
      [1, 0],
      [0, -1],
    ],
  },
  { op: 'cyclicTime', parameters: { offsetMinutes: 90 }, on: { x: ['2026-01-01T04:30:00Z'] }, numbers: [[1, 0]] },
  {
    op: 'cyclicTime',
    parameters: { period: 'week' },
    on: { x: ['2026-01-05', '2026-01-06', '2026-01-06T18:00:00Z', '2026-01-08T12:00:00Z'] },
    numbers: [
      [0, 1],
      [Math.sin((2 * Math.PI) / 7), Math.cos((2 * Math.PI) / 7)],
      [1, 0],
      [0, -1],
    ],
  },
  // Half a day is left of its 366.
  {
    op: 'cyclicTime',
    parameters: { period: 'year' },
    on: { x: ['2024-12-31T12:00:00Z'] },
    numbers: [[-Math.sin(Math.PI / 366), Math.cos(Math.PI / 366)]],
  },
  { op: 'cyclicTime', on: { x: ['31.12.2025 06:00'] }, numbers: [[1, 0]] },
  // Of a leap year a quarter is 91.5 days: January, February and March are 91.
  { op: 'cyclicTime', parameters: { period: 'year' }, on: { x: ['2024-04-01T12:00:00Z'] }, numbers: [[1, 0]] },
  // A year has 365 days: a quarter after 91.25 of them.
  { op: 'cyclicTime', parameters: { period: 'year' }, on: { x: ['2026-04-02T06:00:00Z'] }, numbers: [[1, 0]] },
  // One day and three days: ln 2 and ln 4, mean 1.5 ln 2, deviation 0.5 ln 2. Then seven: ln 8.
  {
    op: 'age',
    parameters: { at: 'y' },
    fit: { x: ['2026-01-01', '2026-01-01'], y: ['2026-01-02', '2026-01-04'] },
    on: { x: ['2026-01-01', '2026-01-01', null], y: ['2026-01-02', '2026-01-08', '2026-01-08'] },
    numbers: [[-1], [3], [0]],
  },
  // One day before and one after: −ln 2 and ln 2.
  {
    op: 'age',
    parameters: { at: 'y' },
    fit: { x: ['2026-01-02', '2026-01-01'], y: ['2026-01-01', '2026-01-02'] },
    on: { x: ['2026-01-04', '2026-01-01', '2026-01-01'], y: ['2026-01-01', '2026-01-01', '2026-01-02'] },
    numbers: [[-2], [0], [1]],
  },
  // Half a day, an hour and none, of one day and three: mean and deviation as above. In seconds that are written as text.
  {
    op: 'age',
    parameters: { at: 'y', format: 'epoch-seconds' },
    fit: { x: ['1767225600', '1767225600'], y: ['2026-01-02', '2026-01-04'] },
    on: {
      x: ['1767225600', '1767225600', '1767225600'],
      y: ['2026-01-01T12:00:00Z', '2026-01-01T01:00:00Z', '2026-01-01'],
    },
    numbers: [[(2 * ln(1.5)) / ln(2) - 3], [(2 * ln(25 / 24)) / ln(2) - 3], [-3]],
  },
  // The same in seconds beside milliseconds.
  {
    op: 'age',
    parameters: { at: 'y' },
    fit: { x: [1_700_000_000, 1_700_000_000], y: [1_700_086_400_000, 1_700_259_200_000] },
    on: { x: [1_700_000_000], y: [1_700_259_200_000] },
    numbers: [[1]],
  },
  // 6, 5 and 1 of 12 rows.
  {
    op: 'count',
    fit: { x: letters },
    on: { x: ['a', 'b', 'c', null] },
    numbers: [[ln(501)], [ln(1 + 5000 / 12)], [0], [0]],
  },
  // All rows: 4 of 8, so 0.5 (and 0.5 / 1 more); a: 3 of 4. (3 + 2 · 0.5) / (4 + 2) = 2/3, log-odds ln 2.
  {
    op: 'targetRate',
    parameters: { prior: 2 },
    fit: { x: [...times('a', 4), ...times('b', 4)], 'adstocrat.label': [1, 1, 1, 0, 0, 0, 0, 1] },
    on: { x: ['a', 'b', 'new', null] },
    numbers: [[ln(2)], [-ln(2)], [0], [0]],
  },
];

/** Through JSON, as a servable keeps it. */
function reopened(graph: TransformGraph): CompiledTransform {
  return new CompiledTransform(JSON.parse(JSON.stringify(graph)) as TransformGraph);
}

function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, at) => values[row * width + at]!),
  );
}

describe('operations', () => {
  it.each(table.map((row, index) => ({ ...row, index })))('$op does what it says ($index)', (row) => {
    const { graph } = fitOn([planned(row.op, row.parameters)], row.fit ?? row.on);
    const { ids, dense } = reopened(graph).apply(batchOf(row.on));
    const [slots, dims] = [row.ids?.[0]?.length ?? 0, row.numbers?.[0]?.length ?? 0];
    expect(graph.features).toMatchObject([{ slots, dims, ...(slots === 0 && { size: 0 }) }]);
    expect([graph.fields.length, graph.dense.length]).toEqual([slots, dims]);
    if (row.ids !== undefined) expect(rowsOf(ids, row.ids[0]?.length ?? 1)).toEqual(row.ids);
    if (row.numbers !== undefined) {
      const width = row.numbers[0]?.length ?? 1;
      expect(rowsOf(dense, width).length).toBe(row.numbers.length);
      for (const [at, expected] of row.numbers.flat().entries()) expect(dense[at]).toBeCloseTo(expected, 6);
      // 0 is written as +0, but where it is a sine.
      for (const [at, expected] of row.numbers.flat().entries())
        if (expected === 0 && !row.op.startsWith('cyclic')) expect(Object.is(dense[at], -0)).toBe(false);
    }
  });

  it('has a row in the table for each', () => {
    const told = new Set(table.map(({ op }) => op));
    expect(
      operations.map(({ name }) => name).filter((name) => !told.has(name)),
      'operations without a row in `table` above',
    ).toEqual([]);
  });

  it.each<[string, object?]>([
    ['zScore'],
    ['minMax'],
    ['robustScale'],
    ['quantileRank'],
    ['winsorize'],
    ['impute'],
    ['log1p'],
    ['clip', { min: 0, max: 9 }],
    ['quantileBuckets'],
    ['uniformBuckets'],
    ['difference', { from: 'y' }],
    ['age', { at: 'y' }],
  ])('is fitted on one row, and on none without a value: %s', (op, parameters) => {
    const fitted = (cells: readonly RawValue[]): number =>
      fitOn([planned(op, parameters)], { x: cells, y: cells }).graph.features.length;
    expect([fitted([1_700_000_000]), fitted([NaN])]).toEqual([1, 0]);
  });

  it('keeps the rates of terms as doubles', () => {
    const { state } = fitOn([planned('targetRate', { prior: 0.001, minCount: 1 })], {
      x: ['a', 'b', 'b'],
      'adstocrat.label': [0, 1, 0],
    }).graph.features[0]!;
    // One positive of three rows: (1 + 0.5) / (3 + 1).
    const base = 0.375;
    const logit = (p: number): number => ln(p / (1 - p));
    const [b, a] = [(1 + 0.001 * base) / 2.001, (0.001 * base) / 1.001];
    const values = (state as { readonly values: readonly number[] }).values;
    expect(values[0]).toBeCloseTo(logit(b) - logit(base), 12);
    expect(values[1]).toBeCloseTo(logit(a) - logit(base), 12);
  });

  it('says which ids stand for values that were not seen', () => {
    const unknown = (oovBuckets: number): unknown =>
      fitOn([planned('vocabulary', { minCount: 1, oovBuckets })], { x: ['a', 'b', 'c'] }).graph.features[0]?.unknown;
    expect(unknown(7)).toEqual({ first: 1 + 3, count: 7 });
    expect(unknown(0)).toBeUndefined();
  });

  it('says of each in a line what it is, and has a JSON schema of its parameters', () => {
    for (const { summary, parameters } of operations) {
      expect(summary).toMatch(/^\S.{5,110}[^.]$/);
      expect(parameters.toJSONSchema({ io: 'input' })).toMatchObject({ type: 'object' });
    }
  });
});
