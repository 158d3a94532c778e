import { describe, expect, it } from 'vitest';
import type { ColumnFacts } from '@adstocrat/statistics';
import { Task } from '@adstocrat/tasks';
import { columnFacts as column } from '../testing/facts.ts';
import { planSpan } from './plan-span.ts';

const plan = (columns: readonly ColumnFacts[], more: object = {}) =>
  planSpan(Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y', ...more }), {
    rows: 1000,
    columns: [...columns, column('y', { integer: 1000 })],
    tables: [],
    labels: {
      terms: [
        { value: '0', count: 700 },
        { value: '1', count: 300 },
      ],
      distinct: 2,
    },
    files: [
      { name: 'a.csv', rows: 1000, format: { encoding: 'utf-8', delimiter: ',' }, kind: 'csv', unnamedIndex: false },
    ],
  });
const typeOf = (columns: readonly ColumnFacts[], more: object = {}) => plan(columns, more).columns[0]?.type;

describe('planSpan', () => {
  it('keeps a column of numbers one, whatever single cells hold, and says what became of them', () => {
    const { columns, notes, findings } = plan([column('price', { decimal: 800, word: 195, text: 5 })]);
    expect(columns).toEqual([{ name: 'price', type: 'float' }]);
    expect(notes).toEqual(['price: "a word" and the like, 195 cells, count as missing']);
    expect(findings).toEqual(['price: 5 of 805 values are no numbers and count as missing, for example "a text"']);
  });

  it('says of a column that is text though most of it is numbers, and of the key that changes it', () => {
    const mixed = column('price', { decimal: 900, text: 100 });
    expect(plan([mixed]).findings).toEqual([
      'price: 900 of 1,000 values are numbers, the others are not, for example "a text": taken as text (task.yaml: features: {price: numeric} makes those missing)',
    ]);
    expect(typeOf([mixed])).toBe('string');
    expect(typeOf([mixed], { features: { price: 'numeric' } })).toBe('float');
  });

  it('refuses to take words for numbers', () => {
    expect(() => plan([column('site', { text: 990, integer: 10 })], { features: { site: 'numeric' } })).toThrow(
      'features: "site" is declared numeric, and only 10 of its 1,000 values are numbers',
    );
  });

  it('loses no unit and no item', () => {
    const ids = column('user', { integer: 999, text: 1 });
    expect(typeOf([ids])).toBe('integer');
    expect(typeOf([ids], { unit: 'user' })).toBe('string');
    expect(typeOf([ids], { item: 'user' })).toBe('string');
    expect(typeOf([ids], { features: { user: 'vocabulary' } })).toBe('string');
  });

  it.each([
    [
      { knownLater: { place: 1 }, item: 'place' },
      'knownLater: "place" cannot be known only once a row was shown: it is the task\'s item',
    ],
    [
      { weight: 'worth', personal: { worth: 'hash' } },
      'weight: "worth" cannot be known only once a row was shown: it is personal',
    ],
    [{ weight: 'worth', features: { worth: 'log1p' } }, 'weight: "worth" is named under features too'],
    [{ weight: 'wort' }, 'weight: the data has no column "wort"; did you mean "worth"?'],
    [{ knownLater: { plaec: 1 } }, 'knownLater: the data has no column "plaec"; did you mean "place"?'],
  ])('refuses %j', (more, message) => {
    const columns = [column('place', { integer: 1000 }), column('worth', { decimal: 1000 })];
    expect(() => plan(columns, more)).toThrow(message);
    expect(plan(columns, { knownLater: { place: 1 }, weight: 'worth' }).columns).toHaveLength(2);
  });

  it('guesses no role of a personal column, keeps texts of names, and shows none of its values', () => {
    const mail = column('mail', { integer: 1000 }, { distinct: 1000 });
    const born = column('born', { 'iso-8601': 1000 }, { distinct: 1000 });
    const age = column('age', { integer: 990, text: 10 });
    const personal = { mail: 'hash', born: 'drop', age: { bucket: 10 } };
    const { task, columns, notes, findings } = plan([mail, born, age], { personal });
    expect(task).toMatchObject({ name: 't' });
    expect([task.id, task.eventTime]).toEqual([undefined, undefined]);
    expect(columns).toEqual([
      { name: 'mail', type: 'string', personal: 'hash' },
      { name: 'age', type: 'float', personal: { bucket: 10 } },
    ]);
    expect([...notes, ...findings]).toEqual([
      'age: 10 of 1,000 values are no numbers and count as missing, for example not shown here',
    ]);
  });

  it('names the id, not a second time', () => {
    const at = column('at', { 'iso-8601': 1000 }, { distinct: 1000 });
    const seen = column('seen', { 'iso-8601': 1000 }, { distinct: 1000 });
    const row = column('row', { text: 1000 }, { distinct: 1000 });
    expect(plan([at, seen, row]).task).toMatchObject({ eventTime: 'at', timeFormat: 'iso-8601', id: 'row' });
    expect(plan([at, seen]).task.id).toBeUndefined();
  });
});
