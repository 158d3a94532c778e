import { expect, it } from 'vitest';
import { SpecOrder } from './spec-order.ts';

it('puts the fastest spec first, and what notices changes of a file before it', () => {
  const order = new SpecOrder(
    new Map([
      ['slow', 3000],
      ['fast', 300],
    ]),
  );
  expect(order.of('a.ts')).toEqual(['fast', 'slow']);
  for (let change = 0; change < 20; change += 1) {
    order.learn('a.ts', 'fast', false);
    order.learn('a.ts', 'slow', true);
  }
  expect(order.of('a.ts')).toEqual(['slow', 'fast']);
});
