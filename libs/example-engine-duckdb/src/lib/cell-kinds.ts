import { missingWords, monthLetters, weekdays } from '@adstocrat/examples';
import { type CellKind, cellKinds } from '@adstocrat/statistics';
import { hasShortYear, isMissingWord, isNumber, isOneOf, timePattern } from './cell-sql.ts';
import { isNamedMonth } from './named-month-sql.ts';
import { text } from './sql-text.ts';

const kind = (one: CellKind): number => cellKinds.indexOf(one);

const infinite = ['', '+', '-'].flatMap((sign) => [`${sign}inf`, `${sign}infinity`]);
/** How words begin that are told from text, in either case. */
const firstOfWords = [
  ...new Set(
    [...missingWords, ...infinite].flatMap((word) => {
      const [first = ''] = word;
      return Array.from(first.toLowerCase() + first.toUpperCase(), (character) => String(character.charCodeAt(0)));
    }),
  ),
];

/** A letter behind a digit, as hashes and names have them: none of an exponent, a time, morning or afternoon. Units have a blank before. */
const noFigure = '[0-9][B-DF-OQ-SV-Yb-df-oq-z_]';

/** One point, three digits behind it: a fraction or a thousand. */
const pointed = '[+-]?[1-9][0-9]{0,2}\\.[0-9]{3}';

const currencies = '$€£¥';
const currencyCodes = Array.from(currencies, (one) => String(one.codePointAt(0)));
const digits = `([0-9]{1,3}([.,'\u00a0\u202f][0-9]{3})+|[0-9]+)([.,][0-9]+)?`;
/** Digits, with separators of thousands and decimals, and a currency before or a unit behind, or what stands for thousands, millions, billions. */
const asWritten = `[-+]?([${currencies}] ?)?${digits}([ \u00a0]?[%${currencies}]|[ \u00a0][a-zA-Zµ°/]{1,6}|[KMBkm])?`;
/** A minus behind a fraction, as some books have it. */
const minusBehind = '[0-9.,]*[0-9][.,][0-9]+-';
/** With a minus of typographers, in the brackets of books, or in the digits of another script. */
const writtenElsewhere = `(\u2212|-)${asWritten}|\\(${asWritten}\\)|[-+\u2212]?\\p{Nd}[\\p{Nd}.,\u066b\u066c\uff0c\uff0e]*[%\u066a\uff05]?`;
const [typographicMinus, bracket] = [0x2212, 0x28];
/** How times begin that name their day or month, in small letters, or the brackets of a web server's log. */
const named = [...weekdays, ...(monthLetters.match(/.../g) ?? [])];
const beginsTime = `^(\\[[0-9]|(?i:${named.join('|')}))`;
const firstOfTimes = [...new Set(['[', ...named.flatMap(([first = '']) => [first, first.toUpperCase()])])].map(
  (first) => String(first.charCodeAt(0)),
);
/** Arabic, Persian, Devanagari, fullwidth. */
const firstOfDigits = [0x660, 0x6f0, 0x966, 0xff10];

const like = (cell: string, pattern: string): string => `regexp_full_match(${cell}, ${text(pattern)})`;
/** SQL: whether a cell begins as a number, or a time of digits, does: with a sign, a point or a digit. */
const isFigure = (cell: string): string => `ascii(${cell}) BETWEEN ${'+'.charCodeAt(0)} AND ${'9'.charCodeAt(0)}`;

/** What most figures look like; what a look at a few characters rules out is not matched. */
const plain = (cell: string): readonly string[] => [
  `WHEN ${cell} LIKE '____-__-__%' AND ${like(cell, timePattern['iso-8601'])} THEN ${kind('iso-8601')}`,
  `WHEN contains(${cell}, '.') AND ${like(cell, '-?(0|[1-9][0-9]{0,14})\\.[0-9]{1,30}')} THEN
      CASE WHEN strlen(${cell}) <= 8 AND ${cell}[-4] = '.' AND ${like(cell, pointed)} THEN ${kind('pointed')} ELSE ${kind('decimal')} END`,
  `WHEN ${like(cell, '0|-?[1-9][0-9]{0,14}')} THEN ${kind('integer')}`,
];

/**
 * SQL of the kind of a cell that is a figure as most are written, without a blank around it or an exponent; NULL for others. It costs a
 * fraction of {@link cellKind}, of which it is a part.
 */
export function plainKind(cell: string): string {
  return `CASE WHEN ${isFigure(cell)} THEN CASE ${plain(cell).join(' ')} END END`;
}

/**
 * SQL of the kind of a trimmed cell, its position in `cellKinds`. `cell` is the name of a column: it is looked at many times. Times are
 * told by their form: that 30 February is none shows when it is read. A cell's first character says what it cannot be, which is cheap.
 */
export function cellKind(cell: string): string {
  const namedTime = (other: string): string => `CASE
      WHEN ${like(cell, timePattern['rfc-2822'])} THEN ${kind('rfc-2822')}
      WHEN ${isNamedMonth(cell)} THEN ${kind('month-name')}
      ELSE ${other} END`;
  const writtenFigure = `CASE WHEN ${like(cell, `${asWritten}|${minusBehind}`)} THEN ${kind('written')} END`;
  const dated = (short: CellKind, long: CellKind): string =>
    `CASE WHEN ${hasShortYear(cell)} THEN ${kind(short)} ELSE ${kind(long)} END`;
  const whole = `try_cast(${cell} AS BIGINT)`;
  // What is most frequent comes first.
  const numeric = `CASE
    ${plain(cell).join('\n    ')}
    WHEN regexp_matches(${cell}, ${text(noFigure)}) THEN
      CASE WHEN strlen(${cell}) <= 12 AND ${like(cell, asWritten)} THEN ${kind('written')} ELSE ${kind('text')} END
    WHEN ${whole}::VARCHAR = ${cell} THEN
      CASE WHEN ${whole} BETWEEN -9007199254740992 AND 9007199254740992 THEN ${kind('integer')} ELSE ${kind('big')} END
    WHEN ${isNumber(cell)} THEN CASE
      WHEN ${like(cell, '[+-]?0[0-9]+')} THEN ${kind('padded')}
      WHEN ${like(cell, '-?[0-9]{16,}')} THEN ${kind('big')}
      WHEN ${like(cell, pointed)} THEN ${kind('pointed')}
      WHEN isfinite(try_cast(${cell} AS DOUBLE)) THEN ${kind('decimal')}
      ELSE ${kind('infinite')} END
    WHEN length(${cell}) > 48 THEN ${kind('text')}
    WHEN ${like(cell, '[+-]?[1-9][0-9]{0,2},[0-9]{3}')} THEN ${kind('grouped')}
    WHEN ${like(cell, '[+-]?([0-9]+|[1-9][0-9]{0,2}(\\.[0-9]{3})+),[0-9]+')} THEN ${kind('comma')}
    WHEN ${like(cell, '[+-]?[1-9][0-9]{0,2}(\\.[0-9]{3}){2,}')} THEN ${kind('thousands')}
    WHEN ${like(cell, timePattern['dd.mm.yy'])} THEN ${dated('dd.mm.yy', 'dd.mm.yyyy')}
    WHEN ${like(cell, timePattern['dd/mm/yy'])} THEN CASE
      WHEN ${like(cell, timePattern['mm/dd/yy'])} THEN ${dated('slashed-yy', 'slashed')} ELSE ${dated('dd/mm/yy', 'dd/mm/yyyy')} END
    WHEN ${like(cell, timePattern['mm/dd/yy'])} THEN ${dated('mm/dd/yy', 'mm/dd/yyyy')}
    WHEN regexp_matches(${cell}, '^[0-9]{1,2}[ /-][A-Za-z]') THEN ${namedTime(writtenFigure)}
    WHEN ${like(cell, timePattern['yyyy/mm/dd'])} THEN ${kind('yyyy/mm/dd')}
    ELSE ${writtenFigure} END`;
  const isElsewhere = [
    isOneOf(`ascii(${cell})`, [typographicMinus, bracket].map(String)),
    ...firstOfDigits.map((zero) => `ascii(${cell}) BETWEEN ${zero} AND ${zero + 9}`),
  ].join(' OR ');
  const worded = `CASE
    WHEN length(${cell}) > 48 THEN ${kind('text')}
    WHEN ${isElsewhere} THEN CASE WHEN ${like(cell, writtenElsewhere)} THEN ${kind('written')} ELSE ${kind('text')} END
    WHEN ${isOneOf(`ascii(${cell})`, currencyCodes)} THEN CASE WHEN ${like(cell, asWritten)} THEN ${kind('written')} ELSE ${kind('text')} END
    WHEN length(${cell}) <= 9 THEN CASE
      WHEN NOT ${isOneOf(`ascii(${cell})`, firstOfWords)} THEN ${kind('text')}
      WHEN ${isMissingWord(cell)} THEN ${kind('word')}
      WHEN ${isOneOf(`lower(${cell})`, infinite.map(text))} THEN ${kind('infinite')}
      ELSE ${kind('text')} END
    WHEN ${isOneOf(`ascii(${cell})`, firstOfTimes)} AND regexp_matches(${cell}, ${text(beginsTime)}) THEN ${namedTime(String(kind('text')))}
    ELSE ${kind('text')} END`;
  return `CASE
    WHEN ${cell} IS NULL OR ${cell} = '' THEN ${kind('empty')}
    WHEN ${isFigure(cell)} THEN coalesce(${numeric}, ${worded})
    ELSE ${worded} END`;
}
