import { describe, expect, it } from 'vitest';
import { Task } from '@adstocrat/tasks';
import { planLabel } from './plan-label.ts';

const plan = (
  counts: Record<string, number>,
  positive?: unknown,
  more: { empty?: number; unlabelled?: string } = {},
) => {
  const terms = Object.entries(counts).map(([value, count]) => ({ value, count }));
  const task = Task.parse({
    name: 't',
    data: { examples: ['*'] },
    label: 'y',
    ...(positive === undefined ? {} : { positive }),
    ...(more.unlabelled === undefined ? {} : { unlabelled: more.unlabelled }),
  });
  return planLabel(task, { terms, distinct: terms.length }, 0.01, more.empty);
};

describe('planLabel', () => {
  it.each<[counts: Record<string, number>, positive: string[], negative: string[]]>([
    [{ 1: 30, 0: 70 }, ['1'], ['0']],
    [{ '1.000000': 30, '0.000000': 70 }, ['1.000000'], ['0.000000']],
    [{ 1: 20, '1.0': 10, 0: 70 }, ['1', '1.0'], ['0']],
    [{ True: 30, False: 70 }, ['True'], ['False']],
    [{ yes: 30, NO: 70 }, ['yes'], ['NO']],
    [{ y: 30, n: 70 }, ['y'], ['n']],
    [{ on: 30, off: 70 }, ['on'], ['off']],
    [{ T: 30, F: 70 }, ['T'], ['F']],
    [{ 1: 30, '-1': 70 }, ['1'], ['-1']],
    [{ ' 1': 30, '0 ': 70 }, ['1'], ['0']],
    // What is missing is set aside by the row, as is what is rarer than tolerated.
    [{ 1: 30, 0: 70, NA: 50, '': 5 }, ['1'], ['0']],
    [{ 1: 300, 0: 690, 7: 10 }, ['1'], ['0']],
    // −1 beside 0 is neither.
    [{ 1: 300, 0: 695, '-1': 5 }, ['1'], ['0']],
  ])('recognises %j', (counts, positive, negative) => {
    const { rule } = plan(counts);
    expect(rule.positive?.toSorted()).toEqual(positive.toSorted());
    expect(rule.negative?.toSorted()).toEqual(negative.toSorted());
  });

  it.each<[counts: Record<string, number>, positive: unknown, rule: object]>([
    [{ 1: 30 }, undefined, { negative: [] }],
    [{ 1: 30, NULL: 70, 0: 5, No: 3 }, undefined, { negative: ['NULL', '0', 'No'] }],
    [{ '2026-01-31 10:00': 1, '2026-01-31 10:05': 1 }, undefined, { negative: [] }],
    [{ buy: 30, view: 50 }, 'buy', { positive: ['buy'] }],
  ])(
    'takes rows without a label for negative ones where the task says so: %j, positive %j',
    (counts, positive, rule) => {
      const planned = plan(counts, positive, { empty: 70, unlabelled: 'negative' });
      expect(planned.rule).toEqual({ column: 'y', unlabelled: 'negative', ...rule });
    },
  );

  it.each<[counts: Record<string, number>, positive: unknown, message: RegExp]>([
    [{ 1: 30 }, undefined, /is "1" in every row that has a value, and 70 have none: .* write unlabelled: negative/],
    [{ 1: 30, NULL: 20 }, undefined, /is "1" in every row that has a value, and 90 have none/],
    [
      { 1: 30 },
      1,
      /every value of the label "y" is positive: "1"; where the 70 rows without one are negative, write unl/,
    ],
    [{ '10:00': 1, '10:05': 1, '10:07': 1 }, undefined, /and no value in 70 rows: .* write unlabelled: negative/],
  ])('asks what rows without a label are: %j, positive %j', (counts, positive, message) => {
    expect(() => plan(counts, positive, { empty: 70 })).toThrow(message);
  });

  it('says what it took where that is not plain', () => {
    expect(plan({ 1: 30, 0: 70 }).notes).toEqual([]);
    expect(plan({ 1: 30, '-1': 70 }).notes).toEqual(['label: "1" is positive, "-1" negative (task.yaml: positive)']);
  });

  it.each<[counts: Record<string, number>, message: RegExp]>([
    [{ 1: 60, 2: 40 }, /holds "1" and "2": which of the two is positive\? .* positive: "2"/],
    [{ click: 70, noclick: 30 }, /holds "click" and "noclick": which of the two is positive\? .* positive: "click"/],
    [{ ja: 70, nein: 30 }, / positive: "ja"/],
    [{ clicked: 30, unclicked: 30 }, / positive: "clicked"/],
    [{ won: 70, lost: 30 }, / positive: "lost"/],
    [
      { 0: 70, 1: 20, 2: 10 },
      /10 of its rows are neither of two values, more than the 1% that data\.tolerate allows.* positive: "2"/,
    ],
    [{ red: 1, blue: 1, green: 1 }, /holds "red", "blue" and "green": 3 of its rows are neither/],
    [{ 1: 100 }, /is "1" in every row: there is nothing to tell apart/],
    [{ '': 5 }, /is empty in every row/],
    [{}, /is empty in every row/],
  ])('refuses %j', (counts, message) => {
    expect(() => plan(counts)).toThrow(message);
  });

  it('takes what is declared positive, and every other value for negative', () => {
    expect(plan({ 1: 60, 2: 40 }, 2)).toEqual({ rule: { column: 'y', positive: ['2'] }, notes: [] });
    expect(plan({ buy: 1, view: 5, cart: 2 }, 'buy').notes).toEqual([
      'label: "buy" is positive, every other value negative: "view" and "cart"',
    ]);
    expect(plan({ true: 1, false: 5 }, true).rule.positive).toEqual(['true']);
    expect(() => plan({ 1: 60, 2: 40 }, 'yes')).toThrow(
      'positive: "yes" is no value of the label "y", which holds "1" and "2"',
    );
    expect(() => plan({ 1: 60, 2: 40 }, [1, 2])).toThrow('every value of the label "y" is positive');
  });
});
