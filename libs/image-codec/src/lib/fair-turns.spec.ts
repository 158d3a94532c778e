import { describe, expect, it } from 'vitest';
import { FairTurns } from './fair-turns.ts';

const anyone = (): boolean => true;
const taken = (turns: FairTurns<string>, count: number, may: (caller: string) => boolean = anyone): string =>
  Array.from({ length: count }, () => turns.next(may) ?? '-').join('');

describe('FairTurns', () => {
  it('shares by cost, not by number', () => {
    const turns = new FairTurns<string>();
    for (let one = 0; one < 2; one += 1) turns.add('large', 4, 'L');
    for (let one = 0; one < 8; one += 1) turns.add('small', 1, 's');
    // Starts: L 0, 4; s 0, 1, 2, … 7. Where two are the same, who came first.
    expect(taken(turns, 10)).toBe('LssssLssss');
  });

  it('gives who comes late its share from then on, and nothing for before', () => {
    const turns = new FairTurns<string>();
    for (let one = 0; one < 6; one += 1) turns.add('a', 1, 'a');
    expect(taken(turns, 3)).toBe('aaa');
    for (let one = 0; one < 3; one += 1) turns.add('b', 1, 'b');
    // What was begun last started at 2, where b begins; a goes on at 3.
    expect(taken(turns, 6)).toBe('bababa');
  });

  it('passes over who may not, and loses nothing of what waits', () => {
    const turns = new FairTurns<string>();
    turns.add('a', 1, 'a');
    turns.add('b', 1, 'b');
    expect(taken(turns, 2, (caller) => caller !== 'a')).toBe('b-');
    expect([turns.waiting, turns.waitingOf('a'), turns.waitingOf('b')]).toEqual([1, 1, 0]);
    expect(taken(turns, 2)).toBe('a-');
  });

  it('gives who comes late nothing for before, though one that was passed over is taken last', () => {
    const turns = new FairTurns<string>();
    turns.add('a', 1, 'a');
    for (let one = 0; one < 1000; one += 1) turns.add('b', 1, 'b');
    expect(taken(turns, 1000, (caller) => caller !== 'a')).toBe('b'.repeat(1000));
    expect(taken(turns, 1)).toBe('a');
    turns.add('b', 1, 'b');
    for (let one = 0; one < 5; one += 1) turns.add('c', 100, 'c');
    // b's last start was 999, where c begins, and b goes on at 1000: the second of c would start at 1099.
    expect(taken(turns, 6)).toBe('cbcccc');
  });

  it('keeps what a caller owes while work is under way, and forgets it at rest', () => {
    const turns = new FairTurns<string>();
    turns.add('a', 5, '1');
    expect(taken(turns, 1)).toBe('1');
    turns.add('a', 5, '2');
    turns.add('b', 5, 'b');
    expect(taken(turns, 2)).toBe('b2');
    turns.rest();
    turns.add('a', 5, 'a');
    turns.add('b', 5, 'b');
    expect(taken(turns, 2)).toBe('ab');
  });

  it('asks nothing of a caller for what is removed', () => {
    const turns = new FairTurns<string>();
    turns.add('a', 1, '1');
    const second = turns.add('a', 100, '2');
    turns.add('a', 1, '3');
    for (const what of ['x', 'y', 'z']) turns.add('b', 1, what);
    turns.remove(second);
    turns.remove(second);
    expect([turns.waiting, turns.waitingOf('a')]).toEqual([5, 2]);
    // "3" starts at 1, as if "2" had never been, and "4" at 2.
    turns.add('a', 1, '4');
    expect(taken(turns, 6)).toBe('1x3y4z');
  });

  it('moves nothing into time that has gone', () => {
    const turns = new FairTurns<string>();
    for (const what of ['1', '2', '3', '4']) turns.add('b', 1, what);
    expect(taken(turns, 3)).toBe('123');
    // It is 2: "x" would start there, and "y" at 12. "y" moves to 2, behind nothing of "b" but what began.
    const x = turns.add('a', 10, 'x');
    turns.add('a', 1, 'y');
    turns.remove(x);
    turns.add('a', 1, 'z');
    expect(taken(turns, 3)).toBe('y4z');
  });

  it('removes many at once, and nothing that was taken', () => {
    const turns = new FairTurns<string>();
    const own = Array.from({ length: 10 }, (_, at) => turns.add('a', 10, String(at)));
    for (const what of ['x', 'y', 'z']) turns.add('b', 10, what);
    expect(taken(turns, 1)).toBe('0');
    // Starts of those left: "3" 10, "7" 20. "x" 0, "y" 10, "z" 20. Where two are the same, who came first.
    for (const at of [8, 0, 1, 5, 2, 9, 4, 6]) turns.remove(own[at] as (typeof own)[number]);
    expect([turns.waiting, turns.waitingOf('a')]).toEqual([5, 2]);
    expect(taken(turns, 6)).toBe('x3y7z-');
  });
});
