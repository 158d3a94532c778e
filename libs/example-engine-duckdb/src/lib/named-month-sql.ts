import { monthLetters, type NamedMonthPart, namedMonthForms } from '@adstocrat/examples';
import { text } from './sql-text.ts';

const small = (cell: string): string => `lower(${cell})`;
const isOf = (cell: string, pattern: string): string => `regexp_full_match(${small(cell)}, ${text(pattern)})`;

/** SQL: whether a trimmed cell looks like a time that names its month. */
export function isNamedMonth(cell: string): string {
  return isOf(cell, namedMonthForms.map(({ pattern }) => `(?:${pattern})`).join('|'));
}

/** SQL of what is made of a cell's parts, a struct `p`, each empty where it is not written, by its form; NULL where it has none. */
function ofParts(cell: string, expression: string): string {
  const forms = namedMonthForms.map(({ pattern, parts }) => {
    const written = `regexp_extract(${small(cell)}, ${text(`^(?:${pattern})$`)}, [${parts.map(text).join(', ')}])`;
    const missing = allParts.filter((part) => !parts.includes(part)).map((part) => `, ${part} := ''`);
    const all = missing.length === 0 ? written : `struct_insert(${written}${missing.join('')})`;
    return `WHEN ${isOf(cell, pattern)} THEN list_transform([${all}], lambda p: ${expression})[1]`;
  });
  return `CASE ${forms.join(' ')} END`;
}

const allParts: readonly NamedMonthPart[] = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'fraction',
  'half',
  'zone',
];

/** SQL of a trimmed cell as a moment, a TIMESTAMPTZ, as `readTime` of `month-name` reads it; NULL for what is none. */
export function namedMonthMoment(cell: string): string {
  return ofParts(cell, moment);
}

/** SQL: whether a trimmed cell that is such a time says nothing of its zone. */
export function namesNoZone(cell: string): string {
  return `coalesce(${ofParts(cell, `p.zone = ''`)}, true)`;
}

const year = `CASE WHEN length(p.year) > 2 THEN p.year WHEN p.year < '70' THEN '20' || p.year ELSE '19' || p.year END`;
const month = `(strpos('${monthLetters}', p.month[:3]) + 2) // 3`;
const hour = `CASE p.half WHEN '' THEN coalesce(try_cast(p.hour AS INTEGER), 0) WHEN 'am' THEN p.hour::INTEGER % 12 ELSE p.hour::INTEGER % 12 + 12 END`;
const isOfDay = `(p.half = '' OR p.hour::INTEGER BETWEEN 1 AND 12) AND ${hour} <= 23 AND p.minute <= '59' AND p.second <= '59'`;
const written = `(${year}) || '-' || (${month}) || '-' || p.day || ' ' || (${hour}) || ':' || rpad(p.minute, 2, '0') || ':' || rpad(p.second, 2, '0') || '.' || rpad(p.fraction[:3], 3, '0')`;
const zoneMinutes = `CASE WHEN p.zone[1] IN ('+', '-') THEN (p.zone[1] || '1')::INTEGER * (p.zone[2:3]::INTEGER * 60 + p.zone[-2:]::INTEGER) ELSE 0 END`;
const moment = `CASE WHEN ${isOfDay} THEN (try_cast(${written} AS TIMESTAMP) - to_minutes(${zoneMinutes})) AT TIME ZONE 'UTC' END`;
