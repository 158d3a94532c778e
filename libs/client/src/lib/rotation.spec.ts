import { describe, expect, it } from 'vitest';
import { Rotation } from './rotation.ts';

describe('Rotation', () => {
  const rotate = (): { rotation: Rotation; pass: (ms: number) => void } => {
    let nowMs = 0;
    return { rotation: new Rotation(['a', 'b', 'c'], () => nowMs), pass: (ms) => (nowMs += ms) };
  };
  const taken = (rotation: Rotation, count: number): string =>
    Array.from({ length: count }, () => rotation.next()).join('');

  it('takes addresses in turn', () => {
    expect(taken(rotate().rotation, 7)).toBe('abcabca');
  });

  it('leaves one alone that failed, for twice as long each time, until it answers', () => {
    const { rotation, pass } = rotate();
    rotation.failed('b');
    expect(taken(rotation, 6)).not.toContain('b');
    pass(500);
    expect(taken(rotation, 3)).toContain('b');
    rotation.failed('b');
    pass(999);
    expect(taken(rotation, 3)).not.toContain('b');
    pass(1);
    expect(taken(rotation, 3)).toContain('b');
    rotation.succeeded('b');
    rotation.failed('b');
    pass(500);
    expect(taken(rotation, 3)).toContain('b');
  });

  it('tries the one that is back first where all have failed', () => {
    const { rotation, pass } = rotate();
    for (const address of ['a', 'a', 'b', 'c', 'c']) rotation.failed(address);
    expect(taken(rotation, 3)).toBe('bbb');
    // A day of failures later it is not left alone for longer than half a minute.
    for (let failure = 0; failure < 50; failure += 1) rotation.failed('a');
    pass(30_000);
    expect(taken(rotation, 3)).toContain('a');
  });

  it('needs an address', () => {
    expect(() => new Rotation([])).toThrow(new RangeError('at least one address is needed'));
  });
});
