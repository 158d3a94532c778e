import { describe, expect, it } from 'vitest';
import { columnFacts } from '../testing/facts.ts';
import { inferId } from './plan-id.ts';
import { copiesAmong, mayRepeat, sayRepeated } from './repeated-rows.ts';

const task = { label: 'y', features: {}, personal: {} };
const column = (name: string, distinct: number, rows = 3000) => columnFacts(name, { text: rows }, { distinct });
const y = columnFacts('y', { integer: 3000 }, { distinct: 2 });

describe('rows that repeat others', () => {
  it('are looked for where a column has many values, and none another in every row', () => {
    expect(mayRepeat(task, [column('event', 1000), y], false)).toBe(true);
    expect(mayRepeat(task, [column('site', 4), column('device', 3), y], false)).toBe(false);
    expect(mayRepeat(task, [column('event', 1000), column('row', 3000), y], false)).toBe(false);
    // Another part may have the same ones.
    expect(mayRepeat(task, [column('row', 3000), y], true)).toBe(true);
  });

  it('are copies where one column alone tells most others apart', () => {
    const copies = (columns: Parameters<typeof mayRepeat>[1], different?: number): number =>
      copiesAmong(task, { rows: 3000, columns, different });
    expect(copies([column('event', 1000), y], 1000)).toBe(2000);
    expect(copies([column('site', 300), column('ad', 400), y], 1000)).toBe(0);
    // Some twenty times each, and more: there is little to know of a row.
    expect(copies([column('ad', 100), y], 100)).toBe(0);
    expect(copies([column('event', 1000), y])).toBe(0);
  });

  it('have the id of what they repeat', () => {
    const columns = [column('event', 1000), column('site', 4)];
    expect(inferId(task, columns, 2000)?.column).toBe('event');
    expect(inferId(task, columns)).toBeUndefined();
    expect(inferId({ ...task, unit: 'event' }, columns, 2000)).toBeUndefined();
    expect(inferId({ ...task, notGuessed: ['id'] }, columns, 2000)).toBeUndefined();
  });

  it('are said, as are ids that other rows have', () => {
    const facts = { rows: 3000, columns: [column('event', 1000)] };
    expect(sayRepeated(task, facts, 2000)).toEqual([
      '2,000 of 3,000 rows repeat an earlier one in every cell, and each counts as a row: where they are copies of one event, write each once',
    ]);
    expect(sayRepeated({ ...task, id: 'event' }, facts, 0)).toEqual([
      'id: 2,000 of 3,000 rows have a "event" that an earlier one has: where they are copies of one event, write each once',
    ]);
    expect(sayRepeated(task, facts, 0)).toEqual([]);
  });
});
