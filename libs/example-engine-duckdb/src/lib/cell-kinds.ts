import { missingWords } from '@adstocrat/examples';
import { type CellKind, cellKinds } from '@adstocrat/statistics';
import { isMissingWord, isNumber, isOneOf, timePattern } from './cell-sql.ts';
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
/** Digits, with separators of thousands and decimals, and a currency before or a unit behind. */
const asWritten = `[-+]?([${currencies}] ?)?${digits}([ \u00a0]?[%${currencies}]|[ \u00a0][a-zA-Zµ°/]{1,6})?`;
/** A minus behind a fraction, as some books have it. */
const minusBehind = '[0-9.,]*[0-9][.,][0-9]+-';
/** With a minus of typographers, in the brackets of books, or in the digits of another script. */
const writtenElsewhere = `(\u2212|-)${asWritten}|\\(${asWritten}\\)|[-+\u2212]?\\p{Nd}[\\p{Nd}.,\u066b\u066c\uff0c\uff0e]*[%\u066a\uff05]?`;
const [typographicMinus, bracket] = [0x2212, 0x28];
/** Arabic, Persian, Devanagari, fullwidth. */
const firstOfDigits = [0x660, 0x6f0, 0x966, 0xff10];

/**
 * SQL of the kind of a trimmed cell, its position in `cellKinds`. `cell` is the name of a column: it is looked at many times. Times are
 * told by their form: that 30 February is none shows when it is read. A cell's first character says what it cannot be, which is cheap.
 */
export function cellKind(cell: string): string {
  const whole = `try_cast(${cell} AS BIGINT)`;
  const like = (pattern: string): string => `regexp_full_match(${cell}, ${text(pattern)})`;
  // What is most frequent comes first, and what a look at a few characters rules out is not matched.
  const numeric = `CASE
    WHEN ${cell} LIKE '____-__-__%' AND ${like(timePattern['iso-8601'])} THEN ${kind('iso-8601')}
    WHEN contains(${cell}, '.') AND ${like('-?(0|[1-9][0-9]{0,14})\\.[0-9]{1,30}')} THEN
      CASE WHEN ${cell}[-4] = '.' AND ${like(pointed)} THEN ${kind('pointed')} ELSE ${kind('decimal')} END
    WHEN ${like('0|-?[1-9][0-9]{0,14}')} THEN ${kind('integer')}
    WHEN regexp_matches(${cell}, ${text(noFigure)}) THEN ${kind('text')}
    WHEN ${whole}::VARCHAR = ${cell} THEN
      CASE WHEN ${whole} BETWEEN -9007199254740992 AND 9007199254740992 THEN ${kind('integer')} ELSE ${kind('big')} END
    WHEN ${isNumber(cell)} THEN CASE
      WHEN ${like('[+-]?0[0-9]+')} THEN ${kind('padded')}
      WHEN ${like('-?[0-9]{16,}')} THEN ${kind('big')}
      WHEN ${like(pointed)} THEN ${kind('pointed')}
      WHEN isfinite(try_cast(${cell} AS DOUBLE)) THEN ${kind('decimal')}
      ELSE ${kind('infinite')} END
    WHEN length(${cell}) > 48 THEN ${kind('text')}
    WHEN ${like('[+-]?[1-9][0-9]{0,2},[0-9]{3}')} THEN ${kind('grouped')}
    WHEN ${like('[+-]?([0-9]+|[1-9][0-9]{0,2}(\\.[0-9]{3})+),[0-9]+')} THEN ${kind('comma')}
    WHEN ${like('[+-]?[1-9][0-9]{0,2}(\\.[0-9]{3}){2,}')} THEN ${kind('thousands')}
    WHEN ${like(timePattern['dd.mm.yyyy'])} THEN ${kind('dd.mm.yyyy')}
    WHEN ${like(timePattern['dd/mm/yyyy'])} THEN CASE
      WHEN ${like(timePattern['mm/dd/yyyy'])} THEN ${kind('slashed')} ELSE ${kind('dd/mm/yyyy')} END
    WHEN ${like(timePattern['mm/dd/yyyy'])} THEN ${kind('mm/dd/yyyy')}
    WHEN ${like(`${asWritten}|${minusBehind}`)} THEN ${kind('written')}
    ELSE NULL END`;
  const isElsewhere = [
    isOneOf(`ascii(${cell})`, [typographicMinus, bracket].map(String)),
    ...firstOfDigits.map((zero) => `ascii(${cell}) BETWEEN ${zero} AND ${zero + 9}`),
  ].join(' OR ');
  const worded = `CASE
    WHEN length(${cell}) > 48 THEN ${kind('text')}
    WHEN ${isElsewhere} THEN CASE WHEN ${like(writtenElsewhere)} THEN ${kind('written')} ELSE ${kind('text')} END
    WHEN ${isOneOf(`ascii(${cell})`, currencyCodes)} THEN CASE WHEN ${like(asWritten)} THEN ${kind('written')} ELSE ${kind('text')} END
    WHEN length(${cell}) <= 9 THEN CASE
      WHEN NOT ${isOneOf(`ascii(${cell})`, firstOfWords)} THEN ${kind('text')}
      WHEN ${isMissingWord(cell)} THEN ${kind('word')}
      WHEN ${isOneOf(`lower(${cell})`, infinite.map(text))} THEN ${kind('infinite')}
      ELSE ${kind('text')} END
    WHEN ${like(timePattern['rfc-2822'])} THEN ${kind('rfc-2822')}
    ELSE ${kind('text')} END`;
  return `CASE
    WHEN ${cell} IS NULL OR ${cell} = '' THEN ${kind('empty')}
    WHEN ascii(${cell}) BETWEEN ${'+'.charCodeAt(0)} AND ${'9'.charCodeAt(0)} THEN coalesce(${numeric}, ${worded})
    ELSE ${worded} END`;
}
