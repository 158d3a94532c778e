import type { RawValue } from './lib/cell-value.ts';
import type { TimeFormat } from './lib/read-time.ts';

/** What one raw cell is in a column of each type: null is missing, undefined is no value of the type. */
export interface ValueVector {
  readonly raw: RawValue;
  readonly text: string | null | undefined;
  readonly integer: number | null | undefined;
  readonly float: number | null | undefined;
}

const none = undefined;

/** The values that text, JSON, tensors and CSV must read alike, wherever they are read. Written by hand. */
export const valueVectors: readonly ValueVector[] = [
  // Missing everywhere.
  { raw: null, text: null, integer: null, float: null },
  { raw: undefined, text: null, integer: null, float: null },
  { raw: '', text: null, integer: null, float: null },
  { raw: NaN, text: null, integer: null, float: null },
  // Missing among numbers, text among texts.
  ...[' ', 'NA', 'N/A', '#N/A', 'null', 'NULL', 'None', 'nan', 'NaN', '-', '?', '\\N', ' n/a '].map(
    (raw): ValueVector => ({ raw, text: raw, integer: null, float: null }),
  ),
  // One value, however it came.
  { raw: 1, text: '1', integer: 1, float: 1 },
  { raw: 1n, text: '1', integer: 1, float: 1 },
  { raw: '1', text: '1', integer: 1, float: 1 },
  { raw: '1.0', text: '1', integer: 1, float: 1 },
  { raw: '1.00', text: '1', integer: 1, float: 1 },
  { raw: '-20.0', text: '-20', integer: -20, float: -20 },
  { raw: '0.0', text: '0', integer: 0, float: 0 },
  { raw: -0, text: '0', integer: 0, float: 0 },
  { raw: '-0.0', text: '0', integer: 0, float: 0 },
  { raw: true, text: 'true', integer: 1, float: 1 },
  { raw: 'True', text: 'true', integer: none, float: none },
  { raw: 'FALSE', text: 'false', integer: none, float: none },
  { raw: 0.1, text: '0.1', integer: none, float: 0.1 },
  { raw: '0.1', text: '0.1', integer: none, float: 0.1 },
  { raw: 30.7, text: '30.7', integer: none, float: 30.7 },
  // Names that look like numbers stay names.
  { raw: '007', text: '007', integer: 7, float: 7 },
  { raw: '1.10', text: '1.10', integer: none, float: 1.1 },
  { raw: '100', text: '100', integer: 100, float: 100 },
  { raw: '00.0', text: '00.0', integer: 0, float: 0 },
  { raw: '1.0.0', text: '1.0.0', integer: none, float: none },
  // Other spellings of numbers.
  { raw: ' 5.0', text: ' 5.0', integer: 5, float: 5 },
  { raw: '+5', text: '+5', integer: 5, float: 5 },
  { raw: '1e3', text: '1e3', integer: 1000, float: 1000 },
  { raw: '.5', text: '.5', integer: none, float: 0.5 },
  { raw: 1e21, text: '1e+21', integer: none, float: 1e21 },
  { raw: 5e-324, text: '5e-324', integer: none, float: 5e-324 },
  // Whole numbers of 64 bits: exact as text, refused beyond 2^53 as integers, rounded as floats.
  { raw: 2 ** 53, text: '9007199254740992', integer: 2 ** 53, float: 2 ** 53 },
  { raw: '9007199254740992', text: '9007199254740992', integer: 2 ** 53, float: 2 ** 53 },
  { raw: '9007199254740993', text: '9007199254740993', integer: none, float: 2 ** 53 },
  { raw: 9007199254740993n, text: '9007199254740993', integer: none, float: 2 ** 53 },
  { raw: -9223372036854775808n, text: '-9223372036854775808', integer: none, float: -(2 ** 63) },
  { raw: '18446744073709551615', text: '18446744073709551615', integer: none, float: 2 ** 64 },
  // No numbers.
  { raw: Infinity, text: 'Infinity', integer: none, float: none },
  { raw: '-Infinity', text: '-Infinity', integer: none, float: none },
  { raw: 'inf', text: 'inf', integer: none, float: none },
  { raw: '1e400', text: '1e400', integer: none, float: none },
  { raw: '0x10', text: '0x10', integer: none, float: none },
  { raw: '0b1', text: '0b1', integer: none, float: none },
  { raw: '1_000', text: '1_000', integer: none, float: none },
  { raw: '1,234.50', text: '1,234.50', integer: none, float: none },
  { raw: '$5', text: '$5', integer: none, float: none },
  { raw: 'red', text: 'red', integer: none, float: none },
  { raw: 'constructor', text: 'constructor', integer: none, float: none },
  // Half a surrogate pair is the replacement character, as UTF-8 has it.
  { raw: 'a\ud800', text: 'a\ufffd', integer: none, float: none },
  // No text.
  { raw: 'a\u0000b', text: none, integer: none, float: none },
];

/** Cells of a column with a decimal comma and the float that each is, null where none. By hand. Every engine must read them so. */
export const commaCells: readonly (readonly [cell: string, float: number | null])[] = [
  ['3,14', 3.14],
  ['-3,5', -3.5],
  ['+3,5', 3.5],
  [' -0,25\u00a0', -0.25],
  ['0,870', 0.87],
  ['1,234', 1.234],
  ['1234,567', 1234.567],
  ['7', 7],
  ['007', 7],
  // Points of thousands.
  ['1.025', 1025],
  ['-1.025', -1025],
  ['1.025,46', 1025.46],
  [' 1.025,4 ', 1025.4],
  ['999.999', 999_999],
  ['1.234.567', 1_234_567],
  ['1.234.567,5', 1_234_567.5],
  // No thousands: a point is one.
  ['2.5', 2.5],
  ['0.125', 0.125],
  ['1025.125', 1025.125],
  ['1.5e3', 1500],
  // No numbers.
  ...[
    '1,2,3',
    '1,234.5',
    '1.23.456',
    '1025.125,5',
    '0.125,5',
    '01.025,5',
    '1.02,5',
    ',5',
    '5,',
    '1,5e3',
    '',
    'NA',
    'red',
  ].map((cell) => [cell, null] as const),
];

const noon = Date.UTC(2026, 0, 31, 12);

/** Cells and the Unix milliseconds that each is in a format, NaN where none. By hand. Every engine must read them so. */
export const timeCells: readonly (readonly [format: TimeFormat, cell: string, ms: number])[] = [
  ['iso-8601', '2026-01-31', noon - 12 * 3_600_000],
  ['iso-8601', '2026-01-31T12:00', noon],
  ['iso-8601', '2026-01-31 12:00:00.0019', noon + 1],
  ['iso-8601', '2026-01-31T12:00:00.25Z', noon + 250],
  ['iso-8601', '2026-01-31T13:00+01:00', noon],
  ['iso-8601', '2026-01-31 08:30:00 -0330', noon],
  ['iso-8601', '2026-01-31 14:00:00+02', noon],
  ['iso-8601', ' 2026-01-31 12:00:00 UTC ', noon],
  ['iso-8601', '9999-12-31 00:00:00', Date.UTC(9999, 11, 31)],
  ['iso-8601', '1969-12-31T23:59:59.999Z', -1],
  ...[
    '2026-02-30',
    '2026-13-01',
    '2026-01-31 24:00:00',
    '2026-01-31T12:60',
    '2026-1-31',
    '20260131',
    'now',
    '',
    '2026-01-31 12:00 CET',
  ].map((cell) => ['iso-8601', cell, NaN] as const),
  ['epoch-seconds', '1769860800', noon],
  ['epoch-seconds', '1769860800.25', noon + 250],
  ['epoch-seconds', '-1', -1000],
  ['epoch-milliseconds', '1769860800000', noon],
  ['epoch-microseconds', '1769860800000999', noon],
  ['epoch-seconds', '', NaN],
  ['epoch-seconds', 'NA', NaN],
  ['epoch-seconds', '1e300', NaN],
  ['epoch-seconds', '253402300799', Date.UTC(9999, 11, 31, 23, 59, 59)],
  // Counts of a smaller unit: as these, years of five digits.
  ['epoch-seconds', '253402300800', NaN],
  ['epoch-seconds', '1769860800000', NaN],
  ['epoch-milliseconds', '1769860800000000', NaN],
  ['epoch-microseconds', '1769860800000000000', NaN],
  ['epoch-seconds', '-1769860800000', NaN],
  ['dd.mm.yyyy', '31.1.2026 12:00', noon],
  ['dd.mm.yyyy', '31.01.2026 12:00:00.5', noon + 500],
  ['dd.mm.yyyy', '31.01.2026', noon - 12 * 3_600_000],
  ['dd.mm.yyyy', '01.31.2026', NaN],
  ['dd.mm.yyyy', '31/01/2026', NaN],
  ['dd/mm/yyyy', '31/01/2026 12:00:00', noon],
  ['dd/mm/yyyy', '01/31/2026', NaN],
  ['mm/dd/yyyy', '01/31/2026 12:00', noon],
  ['mm/dd/yyyy', '1/31/2026 12:00:00 PM', noon],
  ['mm/dd/yyyy', '1/31/2026 12:00 am', noon - 12 * 3_600_000],
  ['mm/dd/yyyy', '1/31/2026 3:04:05 PM', noon + ((3 * 60 + 4) * 60 + 5) * 1000],
  ['mm/dd/yyyy', '31/01/2026', NaN],
  ['mm/dd/yyyy', '1/31/2026 13:00 PM', NaN],
  ['mm/dd/yyyy', '1/31/2026 0:30 AM', NaN],
  ['rfc-2822', 'Sat, 31 Jan 2026 13:00:00 +0100', noon],
  ['rfc-2822', '31 Jan 2026 12:00 GMT', noon],
  ['rfc-2822', 'Sat, 31 Jan 2026 12:00:00', NaN],
  ['rfc-2822', 'Sat, 31 Foo 2026 12:00:00 GMT', NaN],
  ['yyyymmdd', '20260131', noon - 12 * 3_600_000],
  ['yyyymmdd', ' 2026013112 ', noon],
  ['yyyymmdd', '202601311234', noon + 34 * 60_000],
  ['yyyymmdd', '20260131120005', noon + 5000],
  ['yyyymmdd', '20260131120005678', noon + 5678],
  ['yyyymmdd', '19700101', 0],
  ...[
    '20260230',
    '20261301',
    '2026013124',
    '202601311260',
    '2026013',
    '2026013112000',
    '2026-01-31',
    '',
    '-20260131',
    '20260131.0',
  ].map((cell) => ['yyyymmdd', cell, NaN] as const),
  ['yymmddhh', '26013112', noon],
  ['yymmddhh', '09010200', Date.UTC(2009, 0, 2)],
  ['yymmddhh', '70010101', 3_600_000],
  ...['26013124', '26023012', '26130112', '2601311', '2026013112', ''].map((cell) => ['yymmddhh', cell, NaN] as const),
];

/** Cells, the zone of their clock, and the moment that each is, `none` where it is none. By hand, from the rules of each zone. */
export const zoneCells: readonly (readonly [zone: string, format: TimeFormat, cell: string, utc: string])[] = [
  ['UTC', 'iso-8601', '2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
  // Winter is an hour ahead of UTC, summer two.
  ['Europe/Berlin', 'iso-8601', '2026-01-31 12:00:00', '2026-01-31T11:00:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-07-31 12:00:00.25', '2026-07-31T10:00:00.250Z'],
  ['Europe/Berlin', 'iso-8601', '2026-07-31', '2026-07-30T22:00:00.000Z'],
  ['Europe/Berlin', 'dd.mm.yyyy', '31.07.2026 12:00', '2026-07-31T10:00:00.000Z'],
  ['Europe/Berlin', 'dd/mm/yyyy', '31/01/2026', '2026-01-30T23:00:00.000Z'],
  ['America/New_York', 'mm/dd/yyyy', '7/31/2026 3:04 PM', '2026-07-31T19:04:00.000Z'],
  // What says its zone is not touched.
  ['Europe/Berlin', 'iso-8601', '2026-07-31T12:00:00Z', '2026-07-31T12:00:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-07-31 12:00 +05:30', '2026-07-31T06:30:00.000Z'],
  ['Europe/Berlin', 'rfc-2822', '31 Jul 2026 12:00 GMT', '2026-07-31T12:00:00.000Z'],
  ['Europe/Berlin', 'yyyymmdd', '2026073112', '2026-07-31T10:00:00.000Z'],
  ['Europe/Berlin', 'yymmddhh', '26013112', '2026-01-31T11:00:00.000Z'],
  ['Europe/Berlin', 'epoch-seconds', '0', '1970-01-01T00:00:00.000Z'],
  // Skipped on 29 March 2026, from 2 to 3 o'clock: by the offset before.
  ['Europe/Berlin', 'iso-8601', '2026-03-29 01:59:59', '2026-03-29T00:59:59.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-03-29 02:00:00', '2026-03-29T01:00:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-03-29 03:00:00', '2026-03-29T01:00:00.000Z'],
  // Twice on 25 October 2026, from 3 back to 2 o'clock: the first.
  ['Europe/Berlin', 'iso-8601', '2026-10-25 02:30:00', '2026-10-25T00:30:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z'],
  // Half hours, and a day that was not: Samoa went from 29 to 31 December 2011.
  ['Australia/Lord_Howe', 'iso-8601', '2026-01-31 12:00', '2026-01-31T01:00:00.000Z'],
  ['Asia/Kolkata', 'iso-8601', '2026-01-31 12:00', '2026-01-31T06:30:00.000Z'],
  ['Pacific/Apia', 'iso-8601', '2011-12-31 12:00', '2011-12-30T22:00:00.000Z'],
  ['Europe/Berlin', 'iso-8601', '2026-02-30 12:00', 'none'],
];
