import { expect, it } from 'vitest';
import type { ColumnStatistics } from '@adstocrat/statistics';
import { Task } from '@adstocrat/tasks';
import { serialDates } from './serial-dates.ts';

const task = (more: object = {}): Task => Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y', ...more });
const numbers = (name: string, min: number, max: number): ColumnStatistics => ({
  name,
  type: Number.isInteger(min) ? 'integer' : 'float',
  present: 9,
  missing: 0,
  numeric: { mean: min, deviation: 1, min, max, deciles: [] },
});

// 25,569 is the 1st of January 1970 in workbooks: 45,292 is 19,723 days later, the 1st of January 2024, which was 54 years of 365 days
// and 13 leap days later; a leap year after it 45,658 is the same day of 2025.
const says = (name: string): string =>
  `${name}: all values lie between 45292 and 45658, as days do in workbooks (2024-01-01 to 2025-01-01), and are taken as numbers, not as times: write them as 2026-01-31 (or task.yaml: features: {${name}: numeric})`;

it.each([
  'date',
  'order_date',
  'Order Date',
  'orderDate',
  'created_at',
  'createdAt',
  'shipped_on',
  'day',
  'event.time',
  'TIMESTAMP',
])('tells of days of a workbook in %s', (name) => {
  expect(serialDates([numbers(name, 45_292, 45_658)], task())).toEqual([says(name)]);
});

it('tells of times of day among them', () => {
  expect(serialDates([numbers('date', 45_292.25, 45_658.5)], task())[0]).toContain('(2024-01-01 to 2025-01-01)');
});

it.each([
  'visits_per_day',
  'day_rate',
  'time_on_site_s',
  'time_of_day_s',
  'time_of_day',
  'amount_spent_on',
  'shop_based_on',
  'zip_at',
  'zip',
  'at',
])('says nothing of %s, which is no time', (name) => {
  expect(serialDates([numbers(name, 45_292, 45_658)], task())).toEqual([]);
});

it.each([
  ['another name', numbers('price', 45_292, 45_658)],
  ['a name that only holds the word', numbers('candidate', 45_292, 45_658)],
  ['a value of another century', numbers('date', 3, 45_658)],
  ['a larger value', numbers('date', 45_292, 80_000)],
  ['one value', numbers('date', 45_292, 45_292)],
  ['texts', { name: 'date', type: 'string' as const, present: 9, missing: 0 }],
])('says nothing of %s', (_, column) => {
  expect(serialDates([column], task())).toEqual([]);
});

it('says nothing where the task has said what they are, or nobody may read them', () => {
  const column = numbers('date', 45_292, 45_658);
  expect(serialDates([column], task({ features: { date: 'numeric' } }))).toEqual([]);
  expect(serialDates([column], task({ personal: { date: { bucket: 1 } } }))).toEqual([]);
});
