import type { TypedColumn } from '@adstocrat/example-engine';
import {
  type ColumnType,
  farthestMs,
  type JoinedFormat,
  missingWords,
  type TimeFormat,
  type Zone,
} from '@adstocrat/examples';
import { namedMonthMoment, namesNoZone } from './named-month-sql.ts';
import { name, sqlType, text } from './sql-text.ts';

/** What `numberOf` allows around a number. */
const blanks = [' ', '\t', '\n', '\v', '\f', '\r', '\u00a0', '\ufeff'].map((blank) => `chr(${blank.charCodeAt(0)})`);

/**
 * SQL of a text cell without the blanks around it; NULL and '' are both empty. Most cells have none: between two characters that are
 * seen nothing is taken off, and to tell so is many times as cheap.
 */
export function trimmedCell(column: string): string {
  const cell = name(column);
  const seen = (character: string): string => `ascii(${character}) BETWEEN 33 AND 126`;
  return `CASE WHEN ${seen(cell)} AND ${seen(`${cell}[-1]`)} THEN ${cell} ELSE trim(${cell}, ${blanks.join(' || ')}) END`;
}

const number = '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?';

/** Up to it every whole number is one double. */
const largest = 2 ** 53;

/** SQL: whether a trimmed cell is one of `missingWords`. */
export const isMissingWord = (cell: string): string => isOneOf(`lower(${cell})`, [...missingWords].map(text));

/** SQL: whether a value is one of several. `IN` would become a join, which looks at each row whether or not it is asked of it. */
export const isOneOf = (value: string, values: readonly string[]): string =>
  `list_contains([${values.join(', ')}], ${value})`;

/** SQL: whether a trimmed cell is written as a number is. */
export const isNumber = (cell: string): string => `regexp_full_match(${cell}, ${text(number)})`;

/** What most numbers look like: a cast takes them, finite and exactly as they are meant. */
const plain = { integer: '-?[0-9]{1,15}', float: '-?[0-9]{1,15}(\\.[0-9]{1,30})?' } as const;

/** SQL of a cell as a value of a type, as `columnOf` reads it: NULL for what is none. */
export function typedCell(
  column: string,
  type: ColumnType,
  { decimal = '.', isClean = false }: Pick<TypedColumn, 'decimal' | 'isClean'> = {},
): string {
  if (type === 'string') return name(column);
  const cell = name(column);
  const cast = `try_cast(${cell} AS ${sqlType[type]})`;
  if (isClean) return orElse(column, cast, anyCell(column, type, decimal));
  return `CASE WHEN regexp_full_match(${cell}, ${text(plain[decimal === ',' ? 'integer' : type])}) THEN ${cast} ELSE ${anyCell(column, type, decimal)} END`;
}

/** SQL of what a cast gives, or, where it refuses what has blanks around it, of the other value. */
function orElse(column: string, cast: string, other: string): string {
  // No value is none either way: without asking, most of a vector is looked at for the sake of a few.
  return `coalesce(${cast}, CASE WHEN ${name(column)} IS NOT NULL THEN ${other} END)`;
}

/** SQL of a trimmed cell with a decimal comma as it is written with a point, as `pointedCell` of the values has it. */
function pointedCell(cell: string): string {
  return `CASE WHEN regexp_full_match(${cell}, '[+-]?([0-9]+(,[0-9]+)?|[1-9][0-9]{0,2}(\\.[0-9]{3})+(,[0-9]+)?)')
    THEN replace(replace(${cell}, '.', ''), ',', '.') ELSE ${cell} END`;
}

/** The same, whatever the cell looks like. */
function anyCell(column: string, type: 'integer' | 'float', decimal: '.' | ','): string {
  const cell = trimmedCell(column);
  const value = decimal === ',' ? pointedCell(cell) : cell;
  const float = `try_cast(${value} AS DOUBLE)`;
  // A cast takes 1_000 for a number, and rounds 5.7 to a whole one.
  if (type === 'float') return `CASE WHEN ${isNumber(value)} AND isfinite(${float}) THEN ${float} END`;
  const integer = `try_cast(${value} AS BIGINT)`;
  return `CASE WHEN regexp_full_match(${value}, '[+-]?[0-9]+') THEN
      CASE WHEN ${integer} BETWEEN -${largest} AND ${largest} THEN ${integer} END
    WHEN ${isNumber(value)} AND ${float} = floor(${float}) AND abs(${float}) <= ${largest} THEN ${float}::BIGINT END`;
}

const day = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?';
const looseDay = '([0-9]|[01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?';
const half = '(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)? ?[AaPp][Mm]';
const zone = ' ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)';

const [dd, mm] = ['(0?[1-9]|[12][0-9]|3[01])', '(0?[1-9]|1[0-2])'];
const monthNames =
  '([Jj][Aa][Nn]|[Ff][Ee][Bb]|[Mm][Aa][Rr]|[Aa][Pp][Rr]|[Mm][Aa][Yy]|[Jj][Uu][Nn]|[Jj][Uu][Ll]|[Aa][Uu][Gg]|[Ss][Ee][Pp]|[Oo][Cc][Tt]|[Nn][Oo][Vv]|[Dd][Ee][Cc])';

/** Month, day and hour in two digits each. */
const [month2, day2, hour2] = ['(0[1-9]|1[0-2])', '(0[1-9]|[12][0-9]|3[01])', '([01][0-9]|2[0-3])'];

/** An ISO 8601 time with seconds, of UTC or of no zone. */
const wholeIso =
  '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z?';

const shortYear = '[0-9]{2}([0-9]{2})?';
const dotted = (year: string): string => `${dd}\\.${mm}\\.${year}( ${looseDay})?`;
const slashed = (one: string, two: string, year: string): string =>
  `(${one}/${two}/|${one}-${two}-)${year}( (${looseDay}|${half}))?`;

/** What a trimmed cell looks like that may be a time of the format. */
export const timePattern: Readonly<Record<Exclude<TimeFormat, `epoch-${string}` | 'month-name'>, string>> = {
  'iso-8601': `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]${day})?(${zone})?`,
  'dd.mm.yyyy': dotted('[0-9]{4}'),
  'dd/mm/yyyy': slashed(dd, mm, '[0-9]{4}'),
  'mm/dd/yyyy': slashed(mm, dd, '[0-9]{4}'),
  'dd.mm.yy': dotted(shortYear),
  'dd/mm/yy': slashed(dd, mm, shortYear),
  'mm/dd/yy': slashed(mm, dd, shortYear),
  'yyyy/mm/dd': `[0-9]{4}/${mm}/${dd}( ${looseDay})?`,
  yyyymmdd: `[0-9]{2}[0-9]{2}${month2}${day2}(${hour2}([0-5][0-9]([0-5][0-9]([0-9]{3})?)?)?)?`,
  yymmddhh: `[0-9][0-9]${month2}${day2}${hour2}`,
  'rfc-2822': `([A-Za-z]{3}, ?)?[0-9]{1,2} ${monthNames} [0-9]{4} ${day.replace('(\\.[0-9]{1,9})?', '')} (GMT|UT|UTC|Z|[+-][0-9]{4})`,
};

/** SQL: whether a trimmed cell of digits may be a time of the years 2000 to 2099. */
export function isJoinedTime(cell: string, format: JoinedFormat): string {
  const ofCentury =
    format === 'yyyymmdd'
      ? `20${timePattern.yyyymmdd.slice('[0-9]{2}'.length)}`
      : `[0-6]${timePattern.yymmddhh.slice('[0-9]'.length)}`;
  return `regexp_full_match(${cell}, ${text(ofCentury)})`;
}

/** SQL of a trimmed cell as a moment of the format, a TIMESTAMPTZ; NULL for what is none. */
export function momentOf(cell: string, format: keyof typeof timePattern | 'month-name'): string {
  if (format === 'month-name') return namedMonthMoment(cell);
  const checked = (moment: string): string =>
    `CASE WHEN regexp_full_match(${cell}, ${text(timePattern[format])}) THEN ${moment} END`;
  const replaced = (pattern: string, by: string): string => `regexp_replace(${cell}, ${text(pattern)}, ${text(by)})`;
  switch (format) {
    case 'iso-8601': {
      const spelled = `replace(${cell}, 'UTC', 'Z')`;
      const date = '^([0-9]{4}-[0-9]{2}-[0-9]{2})';
      return checked(
        `coalesce(try_cast(${spelled} AS TIMESTAMPTZ),
           try_cast(regexp_replace(${spelled}, ${text(`${date}[T ]([0-9:]{5})(${zone})?$`)}, '\\1 \\2:00\\4') AS TIMESTAMPTZ),
           try_cast(regexp_replace(${spelled}, ${text(`${date}[T ]([0-9:.]+)${zone}$`)}, '\\1 \\2\\3') AS TIMESTAMPTZ),
           try_cast(regexp_replace(${spelled}, ${text(`${date}${zone}$`)}, '\\1 00:00:00\\2') AS TIMESTAMPTZ))`,
      );
    }
    case 'dd.mm.yyyy':
      return checked(
        `try_cast(${replaced('^([0-9]+)\\.([0-9]+)\\.([0-9]{4})', '\\3-\\2-\\1')} AS TIMESTAMP) AT TIME ZONE 'UTC'`,
      );
    case 'dd/mm/yyyy':
    case 'mm/dd/yyyy': {
      const order = format === 'dd/mm/yyyy' ? '\\3-\\2-\\1' : '\\3-\\1-\\2';
      const written = `regexp_replace(${replaced('^([0-9]+)[/-]([0-9]+)[/-]([0-9]{4})', order)}, ' ?[AaPp][Mm]$', '')`;
      const moment = `try_cast(${written} AS TIMESTAMP)`;
      const shift = `CASE WHEN regexp_matches(${cell}, '[Pp][Mm]$') AND hour(${moment}) < 12 THEN INTERVAL 12 HOUR
        WHEN regexp_matches(${cell}, '[Aa][Mm]$') AND hour(${moment}) = 12 THEN INTERVAL (-12) HOUR ELSE INTERVAL 0 HOUR END`;
      return checked(`(${moment} + ${shift}) AT TIME ZONE 'UTC'`);
    }
    case 'dd.mm.yy':
      return momentOf(withCentury(cell), 'dd.mm.yyyy');
    case 'dd/mm/yy':
      return momentOf(withCentury(cell), 'dd/mm/yyyy');
    case 'mm/dd/yy':
      return momentOf(withCentury(cell), 'mm/dd/yyyy');
    case 'yyyy/mm/dd':
      return checked(`try_cast(replace(${cell}, '/', '-') AS TIMESTAMP) AT TIME ZONE 'UTC'`);
    case 'yyyymmdd':
    case 'yymmddhh': {
      const century = `CASE WHEN ${cell} < '70' THEN '20' ELSE '19' END || `;
      const digits = `rpad(${format === 'yymmddhh' ? century : ''}${cell}, 17, '0')`;
      const spelled = `regexp_replace(${digits}, '^(....)(..)(..)(..)(..)(..)(...)$', '\\1-\\2-\\3 \\4:\\5:\\6.\\7')`;
      return checked(`try_cast(${spelled} AS TIMESTAMP) AT TIME ZONE 'UTC'`);
    }
    case 'rfc-2822': {
      const plain = `regexp_replace(regexp_replace(${cell}, '^[A-Za-z]+, ?', ''), '(GMT|UTC|UT|Z)$', '+0000')`;
      return checked(`try_strptime(${plain}, ['%d %b %Y %H:%M:%S %z', '%d %b %Y %H:%M %z'])`);
    }
  }
}

/** SQL of a cell that begins with a day, a month and a year, in any order of the first two, with a year of four digits. */
function withCentury(cell: string): string {
  const before = '^([0-9]+[./-][0-9]+[./-])';
  const of = (written: string, first: string, century: string): string =>
    `regexp_replace(${written}, ${text(`${before}(${first}[0-9])( |$)`)}, ${text(`\\1${century}\\2\\3`)})`;
  return of(of(cell, '[0-6]', '20'), '[7-9]', '19');
}

/** SQL: whether a cell that such a format reads has a year of two digits. */
export function hasShortYear(cell: string): string {
  return `ascii(split_part(${cell}, ' ', 1)[-3]) BETWEEN ${'-'.charCodeAt(0)} AND ${'/'.charCodeAt(0)}`;
}

/** Milliseconds, more than lie between the year 0 and 1970. */
const shiftMs = 10n ** 14n;

const scale: Readonly<Record<string, number>> = {
  'epoch-seconds': 1000,
  'epoch-milliseconds': 1,
  'epoch-microseconds': 0.001,
};

/** SQL of a text column's cell as Unix milliseconds, a whole DOUBLE, as `readTime` reads it; NULL for what is no time of the format. */
export function timeMs(column: string, format: TimeFormat, isClean = false): string {
  if (isWritten(format)) {
    const us = `epoch_us(${writtenMoment(column, format, isClean)})`;
    // Rounded down: shifted to where no year of four digits is below 0. Asked for once: it is no cheap expression.
    return `((${us} + ${1000n * shiftMs}) // 1000 - ${shiftMs})::DOUBLE`;
  }
  const ms = `floor(${typedCell(column, 'float', { isClean })} * ${scale[format]})`;
  return `CASE WHEN abs(${ms}) <= ${farthestMs} THEN ${ms} END`;
}

/** SQL of a cell as a moment. Most times of ISO 8601 are whole ones that a cast takes as they are. */
function writtenMoment(column: string, format: Parameters<typeof momentOf>[1], isClean: boolean): string {
  const moment = momentOf(trimmedCell(column), format);
  if (format !== 'iso-8601') return moment;
  const cell = name(column);
  if (isClean) return orElse(column, `try_cast(${cell} AS TIMESTAMPTZ)`, moment);
  return `CASE WHEN regexp_full_match(${cell}, ${text(wholeIso)}) THEN try_cast(${cell} AS TIMESTAMPTZ) ELSE ${moment} END`;
}

function isWritten(format: TimeFormat): format is Parameters<typeof momentOf>[1] {
  return format === 'month-name' || format in timePattern;
}

/** SQL: whether a cell that is a time of the format says nothing of its zone, as `writesNoZone` has it. */
export function writesNoZone(cell: string, format: TimeFormat): string {
  if (format === 'iso-8601') return `NOT regexp_full_match(${cell}, ${text(`.{10}.*${zone}`)})`;
  if (format === 'month-name') return namesNoZone(cell);
  return format === 'rfc-2822' || !isWritten(format) ? 'false' : 'true';
}

/** SQL of a clock time of a zone, a column of milliseconds as if it were UTC, as Unix milliseconds: its steps as a tree of choices. */
export function utcOf(column: string, { starts, offsets }: Pick<Zone, 'starts' | 'offsets'>): string {
  const offset = (low: number, high: number): string => {
    if (low === high) return String(offsets[low] ?? 0);
    const middle = (low + high) >>> 1;
    return `CASE WHEN ${column} < ${starts[middle] ?? 0} THEN ${offset(low, middle)} ELSE ${offset(middle + 1, high)} END`;
  };
  return `(${column} - ${offset(0, starts.length)})`;
}
