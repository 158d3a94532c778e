import { describe, expect, it } from 'vitest';
import { textKind } from './text-kind.ts';

/** 400 values by their number, each with `pick(list, n)` of something that comes round. */
const values = (of: (at: number) => string): readonly string[] => Array.from({ length: 400 }, (_, at) => of(at));
/** Spreads a number over a list without a period that shows. */
const pick = <T>(list: readonly T[], at: number): T => list[(at * 7919 + (at >> 3) * 104_729) % list.length]!;
const hex = (at: number, digits: number): string =>
  (((at + 1) * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0').slice(0, digits);

const words =
  'summer winter sale shoes boots shirt red blue great price last chance today only free delivery new'.split(' ');
const tags = ['news', 'sports', 'music', 'travel', 'health', 'food', 'cars', 'real estate'];
const day = (at: number): string => String(1 + (at % 28)).padStart(2, '0');
const month = (at: number): string => String(1 + (at % 12)).padStart(2, '0');

describe('textKind', () => {
  const table: readonly (readonly [what: string, of: (at: number) => string, kind: object])[] = [
    ['keys with a number', (at) => `user-${at}`, { kind: 'value' }],
    ['keys with two numbers', (at) => `site_${at % 20}_slot_${at}`, { kind: 'value' }],
    ['hashes', (at) => hex(at, 8) + hex(at + 7, 8), { kind: 'value' }],
    ['UUIDs', (at) => [8, 4, 4, 4].map((digits, part) => hex(at * 5 + part, digits)).join('-'), { kind: 'value' }],
    ['IPv4 addresses', (at) => `10.${at % 7}.${at % 200}.${(at * 13) % 255}`, { kind: 'value' }],
    ['mail addresses', (at) => `${hex(at, 6)}@example.com`, { kind: 'value' }],
    ['versions', (at) => `${at % 9}.${at % 31}.${at}`, { kind: 'value' }],
    ['places on a map', (at) => `${(at * 0.777).toFixed(3)},${(at * 0.333).toFixed(3)}`, { kind: 'value' }],
    ['names of files', (at) => `banner${at}.jpg`, { kind: 'value' }],
    ['single words', (at) => `${pick(words, at)}${pick(words, at + 3)}${at}`, { kind: 'value' }],
    [
      'titles',
      (at) => [0, 1, 2, 3, 4].map((word) => pick(words, at * 11 + word * 5 + at ** 2)).join(' '),
      { kind: 'words', length: 5 },
    ],
    [
      'sentences with commas',
      (at) =>
        `Only today, the ${pick(words, at)} ${pick(words, at + 1)} are at half price, so come ${pick(words, at * 3)} and see No. ${at}!`,
      { kind: 'words', length: 16 },
    ],
    [
      'browsers',
      (at) =>
        `Mozilla/5.0 (${pick(['Windows NT', 'Macintosh', 'Linux x86'], at)}) ${pick(['Chrome', 'Firefox', 'Safari'], at + 1)}/${at}.0`,
      { kind: 'words' },
    ],
    [
      'lists in brackets',
      (at) => JSON.stringify([pick(tags, at), pick(tags, at + 1), pick(words, at)]),
      { kind: 'words' },
    ],
    [
      'lists with bars',
      (at) => `${pick(tags, at)}|${pick(tags, at + 1)}|${pick(words, at)}`,
      { kind: 'list', separator: '|', length: 3 },
    ],
    [
      'lists with semicolons, some of one',
      (at) => (at % 2 === 0 ? `${pick(tags, at)}; ${pick(words, at + 1)}` : pick(tags, at)),
      { kind: 'list', separator: ';' },
    ],
    [
      'lists of numbers with commas',
      (at) => [at % 40, (at * 3) % 40, (at * 7) % 40].slice(0, 1 + (at % 3)).join(','),
      { kind: 'list', separator: ',' },
    ],
    [
      'keys with blanks between',
      (at) => `t${at % 40} t${(at * 3) % 40} t${(at * 7) % 40}`,
      { kind: 'list', separator: ' ', length: 3 },
    ],
    [
      'addresses of pages',
      (at) => `https://www.${pick(words, at)}.example/${pick(tags.slice(0, 5), at)}/${at}`,
      { kind: 'address', hostAlone: false },
    ],
    ['addresses of sites', (at) => `http://${pick(words, at)}${at}.example/`, { kind: 'address', hostAlone: true }],
    [
      'Japanese titles',
      (at) =>
        pick([...'夏冬靴服赤青安'], at) +
        '物大特価本日限' +
        pick([...'東京大阪京都'], at * 3) +
        pick([...'春秋雨雪山川'], at * 5),
      { kind: 'unspaced' },
    ],
    ['days', (at) => `2026-${month(at)}-${day(at)}`, { kind: 'time', format: 'iso-8601', withClock: false }],
    [
      'moments',
      (at) => `2026-${month(at)}-${day(at)}T10:20:${String(at % 60).padStart(2, '0')}Z`,
      { kind: 'time', format: 'iso-8601', withClock: true },
    ],
    [
      'days with points',
      (at) => `${day(at)}.${month(at)}.2026`,
      { kind: 'time', format: 'dd.mm.yyyy', withClock: false },
    ],
    [
      'days before months',
      (at) => `${day(at)}/${month(at)}/2026`,
      { kind: 'time', format: 'dd/mm/yyyy', withClock: false },
    ],
    ['days of digits', (at) => `2026${month(at)}${day(at)}`, { kind: 'time', format: 'yyyymmdd', withClock: false }],
    ['numbers that might be days of another century', (at) => `1826${month(at)}${day(at)}`, { kind: 'value' }],
    ['days that may be months', (at) => `0${1 + (at % 9)}/0${1 + (at % 5)}/2026`, { kind: 'value' }],
    [
      'days, and few that are none',
      (at) => (at > 385 ? 'soon' : `2026-${month(at)}-${day(at)}`),
      { kind: 'time', format: 'iso-8601' },
    ],
    ['days, and some that are none', (at) => (at > 360 ? 'soon' : `2026-${month(at)}-${day(at)}`), { kind: 'value' }],
    ['days written in no known way', (at) => `2026.${month(at)}.${day(at)} 10:00:${day(at)}`, { kind: 'value' }],
    [
      'moments, the year first',
      (at) => `2026/${month(at)}/${day(at)} 10:00:${day(at)}`,
      { kind: 'time', format: 'yyyy/mm/dd', withClock: true },
    ],
    [
      'days that name their month',
      (at) => `${day(at)}-${['Jan', 'Feb', 'Mar'][at % 3]}-2026`,
      { kind: 'time', format: 'month-name', withClock: false },
    ],
    [
      'times of mails, that name their month too',
      (at) => `${day(at)} ${['Jan', 'Feb', 'Mar'][at % 3]} 2026 10:00:${day(at)} GMT`,
      { kind: 'time', format: 'rfc-2822', withClock: true },
    ],
    ['decimal commas', (at) => `${at % 90},${(at * 7) % 100}`, { kind: 'value' }],
    ['vectors', (at) => `0.${at % 9} 0.${(at * 3) % 9} 0.${(at * 7) % 9}`, { kind: 'value' }],
    [
      'pages, and some that are none',
      (at) => (at % 20 === 0 ? '(direct)' : `https://${pick(words, at)}.example/${pick(tags.slice(0, 5), at)}`),
      { kind: 'address' },
    ],
    ['nothing but blanks', () => ' ', { kind: 'value' }],
  ];
  it.each(table)('%s', (_what, of, kind) => {
    expect(textKind(values(of), 400)).toMatchObject(kind);
  });

  it('looks into no column of few values, but for times', () => {
    const title = (at: number): string => `${pick(words, at)} ${pick(words, at + 1)}`;
    expect(textKind(values(title), 400)).toMatchObject({ kind: 'words' });
    expect(textKind(values(title).slice(0, 99), 99)).toEqual({ kind: 'value' });
    expect(textKind(['2026-01-31'], 1)).toMatchObject({ kind: 'time' });
    expect(textKind([], 0)).toEqual({ kind: 'value' });
  });
});
