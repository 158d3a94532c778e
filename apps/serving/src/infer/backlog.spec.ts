import { describe, expect, it } from 'vitest';
import { ResourceExhausted } from '@adstocrat/service-kit';
import { Backlog } from './backlog.ts';
import { DeadlineExceeded } from './inference-failure.ts';

/** A backlog whose server takes 2 ms an answer, and has said so often enough. */
function paced(targetMs = Infinity): Backlog {
  let nowMs = 0;
  const backlog = new Backlog(targetMs, () => nowMs);
  for (let n = 0; n < 1000; n += 1) {
    const place = backlog.enter(Infinity);
    nowMs += 2;
    place.leave(true);
  }
  return backlog;
}

describe('Backlog', () => {
  it('expects what is in progress to take as long as others took', () => {
    const backlog = paced();
    for (let n = 0; n < 5; n += 1) backlog.enter(Infinity);
    expect(backlog.waitMs).toBeCloseTo(10, 9);
  });

  it('refuses what cannot be answered before its deadline, and takes what can', () => {
    const backlog = paced();
    for (let n = 0; n < 5; n += 1) backlog.enter(Infinity);
    expect(() => backlog.enter(9)).toThrow(DeadlineExceeded);
    expect(() => backlog.enter(11)).not.toThrow();
  });

  it('takes no more than are answered within the target', () => {
    const backlog = paced(10);
    for (let n = 0; n < 6; n += 1) backlog.enter(Infinity);
    expect(() => backlog.enter(Infinity)).toThrow(ResourceExhausted);
  });

  it('takes others again once those before them have left', () => {
    const backlog = paced(10);
    const places = Array.from({ length: 6 }, () => backlog.enter(Infinity));
    for (const place of places) place.leave(false);
    expect(() => backlog.enter(0)).not.toThrow();
  });

  it('refuses nothing while it is idle, however slow it was', () => {
    let nowMs = 0;
    const backlog = new Backlog(1, () => nowMs);
    const place = backlog.enter(Infinity);
    nowMs = 60_000;
    place.leave(true);
    expect(() => backlog.enter(5)).not.toThrow();
  });

  it('does not take the time without requests for that of a request', () => {
    let nowMs = 0;
    const backlog = new Backlog(Infinity, () => nowMs);
    for (let n = 0; n < 1000; n += 1) {
      nowMs += 10_000;
      const place = backlog.enter(Infinity);
      nowMs += 2;
      place.leave(true);
    }
    backlog.enter(Infinity);
    expect(backlog.waitMs).toBeCloseTo(2, 9);
  });
});
