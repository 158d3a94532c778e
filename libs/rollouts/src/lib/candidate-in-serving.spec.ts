import { describe, expect, it } from 'vitest';
import { togetherInServing, type InstanceAnswer } from './candidate-in-serving.ts';

const answer = (
  instance: string,
  state: InstanceAnswer['state'],
  more: Partial<InstanceAnswer> = {},
): InstanceAnswer => ({
  instance,
  state,
  reason: '',
  unreachableMs: 0,
  ...more,
});
const away = (instance: string, unreachableMs: number): InstanceAnswer =>
  answer(instance, 'unreachable', { reason: 'refused', unreachableMs });

describe('togetherInServing', () => {
  it.each<{ readonly why: string; readonly answers: readonly InstanceAnswer[]; readonly together: object }>([
    {
      why: 'every instance has it',
      answers: [answer('a', 'available'), answer('b', 'available')],
      together: { state: 'available', passedOver: [] },
    },
    {
      why: 'one is still loading',
      answers: [answer('a', 'available'), answer('b', 'loading')],
      together: { state: 'loading', reason: 'b' },
    },
    {
      why: 'one failed, whatever the others say',
      answers: [answer('a', 'failed', { reason: 'sha256 differs' }), answer('b', 'loading'), away('c', 0)],
      together: { state: 'failed', reason: 'a: sha256 differs' },
    },
    {
      why: 'one cannot be asked, for a short while',
      answers: [answer('a', 'available'), away('b', 29_999), away('c', 30_000)],
      together: { state: 'unreachable', reason: 'b: refused' },
    },
    {
      why: 'one is gone for good and the other has it',
      answers: [answer('a', 'available'), away('b', 30_000)],
      together: { state: 'available', passedOver: ['b'] },
    },
    {
      why: 'one is gone for good and the other is loading',
      answers: [answer('a', 'loading'), away('b', 30_000)],
      together: { state: 'loading', reason: 'a' },
    },
    {
      why: 'all are gone, however long',
      answers: [away('a', 1e9), away('b', 1e9)],
      together: { state: 'unreachable', reason: 'a: refused; b: refused' },
    },
  ])('is $together.state where $why', ({ answers, together }) => {
    expect(togetherInServing(answers, 30_000)).toEqual(together);
  });

  it('refuses to decide on nobody', () => {
    expect(() => togetherInServing([], 30_000)).toThrow(RangeError);
  });
});
