import { describe, expect, it } from 'vitest';
import type { ColumnFacts } from '@adstocrat/statistics';
import { unreadTime } from './unread-times.ts';

const column = (text: string, more: Partial<ColumnFacts['cells']> = {}): Parameters<typeof unreadTime>[0] => ({
  rows: 100,
  cells: { empty: 0, word: 0, written: 0, text: 100, ...more } as ColumnFacts['cells'],
  examples: { text },
});

describe('unreadTime', () => {
  it.each([
    '[13/Sep/2026:00:17:00 +0000]',
    '13/Sep/2026:00:17:00 +0000',
    '13-Sep-26',
    '13 September 2026 00:17',
    'Sep 13, 2026, 12:17 AM',
    'September 13, 2026',
    'Sun Sep 13 00:17:00 UTC 2026',
    '2026/09/13 00:17',
    '2026/9/13',
    '2026.09.13',
    '13-09-2026 00:17',
    '13/09/26',
    '13.09.26 00:17',
    '20260913T001700Z',
    '2026-09',
    '2026/09',
    'September 2026',
    'Sep-2026',
    '2026-Q3',
    'Q3 2026',
    '2026-W37',
  ])('tells %j', (cell) => {
    expect(unreadTime(column(cell))).toBe(cell);
  });

  it.each([
    'a',
    'May',
    'Marketing 13',
    '10.0.1.5',
    '1.2.3',
    '300x250',
    '555-12-3456',
    'Sep',
    '2026',
    '13-Sept',
    '20260913',
    'v2026.09',
    '2026-13',
    '1234-56',
    'Q5 2026',
    'Q3',
    'Marketing 2026b',
  ])('takes %j for no time', (cell) => {
    expect(unreadTime(column(cell))).toBeUndefined();
  });

  it('looks at columns of one kind', () => {
    expect(unreadTime(column('13-09-2026', { text: 10 }))).toBeUndefined();
    expect(unreadTime(column('13-09-2026', { text: 10, empty: 90 }))).toBe('13-09-2026');
  });
});
