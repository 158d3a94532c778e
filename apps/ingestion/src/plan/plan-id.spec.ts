import { describe, expect, it } from 'vitest';
import { Task } from '@adstocrat/tasks';
import { columnFacts } from '../testing/facts.ts';
import { inferId } from './plan-id.ts';

const task = Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y' });

describe('inferId', () => {
  it.each([
    ['numbers of parts, of which some look like days', { text: 20, 'slashed-yy': 80 }, 'part'],
    ['days with years of two digits', { text: 9, 'slashed-yy': 41, 'dd/mm/yy': 50 }, undefined],
    ['words', { text: 100 }, 'part'],
    ['times', { text: 99, 'dd/mm/yyyy': 1 }, undefined],
  ])('of %s', (_what, cells, column) => {
    expect(inferId(task, [columnFacts('part', cells, { distinct: 100 })])?.column).toBe(column);
  });
});
