/** What a time says that names its month, each as it is written; what it leaves out is not there. */
export type NamedMonthTime = Readonly<Partial<Record<NamedMonthPart, string>>>;
export type NamedMonthPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'half' | 'zone';

/** The first three letters of each month in turn. */
export const monthLetters = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** Those of each day of the week. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const month =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const weekday = `(?:(?:${weekdays.join('|')})[a-z]*,? )?`;
const clock = '(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,9}))?)?';
const half = '(?: ?([ap]m))?';
const zone = '(z|utc|gmt|[+-]\\d{2}:?\\d{2})';
const year = '(\\d{4}|\\d{2})';

const before = ['day', 'month', 'year'] as const;
const behind = ['hour', 'minute', 'second', 'fraction', 'half'] as const;

/**
 * How such times are written, in small letters, in the syntax that JavaScript and RE2 share, and what the groups are. None is of RFC
 * 2822, which has blanks and a zone behind.
 */
export const namedMonthForms: readonly { readonly pattern: string; readonly parts: readonly NamedMonthPart[] }[] = [
  // 31-jan-2026 · 31-jan-26 10:20
  {
    pattern: `(\\d{1,2})-${month}-${year}(?:[ t]${clock}${half}(?: ?${zone})?)?`,
    parts: [...before, ...behind, 'zone'],
  },
  // [31/jan/2026:10:20:30 +0000], as servers of the web write
  {
    pattern: `\\[?(\\d{1,2})/${month}/${year}(?:[ :]${clock}${half}(?: ?${zone})?)?\\]?`,
    parts: [...before, ...behind, 'zone'],
  },
  // 31 january 2026 10:20
  { pattern: `${weekday}(\\d{1,2}) ${month},? (\\d{4})(?:,? ${clock}${half})?`, parts: [...before, ...behind] },
  // jan 31, 2026, 3:04 pm
  {
    pattern: `${weekday}${month}\\.? (\\d{1,2}),? (\\d{4})(?:,? ${clock}${half}(?: ?${zone})?)?`,
    parts: ['month', 'day', 'year', ...behind, 'zone'],
  },
  // sat jan 31 10:20:30 utc 2026
  {
    pattern: `${weekday}${month} {1,2}(\\d{1,2}) ${clock}${half}(?: ${zone})? (\\d{4})`,
    parts: ['month', 'day', ...behind, 'zone', 'year'],
  },
];

const forms = namedMonthForms.map(({ pattern, parts }) => ({ form: new RegExp(`^(?:${pattern})$`), parts }));

/** Undefined for what is written in none of the forms. Whether there is such a day, hour and minute is not looked at. */
export function readNamedMonth(text: string): NamedMonthTime | undefined {
  const small = text.toLowerCase();
  for (const { form, parts } of forms) {
    const found = form.exec(small);
    if (found !== null) return Object.fromEntries(parts.map((part, index) => [part, found[index + 1]]));
  }
  return undefined;
}

/** 1 to 12, by the first three letters; NaN for what is no month. */
export function monthNumber(name: string): number {
  const at = monthLetters.indexOf(name.slice(0, 3).toLowerCase());
  return at % 3 === 0 ? 1 + at / 3 : NaN;
}

/** Two digits are of the years 1970 to 2069. */
export function wholeYear(year: string): string {
  return year.length > 2 ? year : `${year < '70' ? '20' : '19'}${year}`;
}
