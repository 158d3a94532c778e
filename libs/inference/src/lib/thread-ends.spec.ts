import { describe, expect, it } from 'vitest';
import { ThreadEnds } from './thread-ends.ts';

const pauses = { firstMs: 100, longestMs: 500, steadyMs: 1000 };

describe('ThreadEnds', () => {
  it('pauses longer each time, to a limit, and begins again with one that lived long', () => {
    const ends = new ThreadEnds(pauses);
    expect([0, 0, 999, 0, 0, 0, 1000, 0].map((livedMs) => ends.ended(livedMs))).toEqual([
      0, 100, 200, 400, 500, 500, 0, 100,
    ]);
  });

  it('says how long it lasts, and nothing once it is over', () => {
    const ends = new ThreadEnds({ ...pauses, firstMs: 4000, longestMs: 9000 });
    expect(ends.pause(0)).toBeUndefined();
    ends.ended(0, 0);
    expect(ends.pause(0)).toBeUndefined();
    ends.ended(0, 0);
    expect(ends.pause(1500)).toBe(
      'the thread of the model ended 2 times one after the other: it is begun again on a request in 3 s',
    );
    expect(ends.pause(4000)).toBeUndefined();
  });
});
