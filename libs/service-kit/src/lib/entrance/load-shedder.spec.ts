import { describe, expect, it } from 'vitest';
import { LoadShedder, type Place } from './load-shedder.ts';

/** One whose server takes 2 ms an answer, and has said so often enough. */
function paced(targetMs = Infinity): LoadShedder {
  let nowMs = 0;
  const shedder = new LoadShedder(targetMs, () => nowMs);
  for (let n = 0; n < 20_000; n += 1) {
    const place = shedder.enter();
    nowMs += 2;
    place.leave(true);
  }
  return shedder;
}

describe('LoadShedder', () => {
  it('expects what is in progress to take as long as others took', () => {
    const shedder = paced();
    for (let n = 0; n < 5; n += 1) shedder.enter();
    expect(shedder.waitMs).toBeCloseTo(10, 9);
  });

  // 10 ms are in progress, and as long again it may have lain unread.
  it.each([
    [19, 'deadline'],
    [21, undefined],
  ])('with %d ms left to a deadline refuses for: %s', (leftMs, refusal) => {
    const shedder = paced();
    for (let n = 0; n < 5; n += 1) shedder.enter();
    expect(shedder.refusal(leftMs)).toBe(refusal);
  });

  it('takes no more than are answered within the target', () => {
    const shedder = paced(20);
    for (let n = 0; n < 5; n += 1) shedder.enter();
    expect(shedder.refusal(Infinity)).toBeUndefined();
    shedder.enter();
    expect(shedder.refusal(Infinity)).toBe('target');
  });

  it('takes others again once those before them have left, in whatever way, however often they say so', () => {
    const shedder = paced(10);
    const places = Array.from({ length: 6 }, () => shedder.enter());
    places.forEach((place, n) => place.leave(n % 2 === 0));
    places.forEach((place) => place.leave(false));
    expect(shedder.waitMs).toBe(0);
    expect(shedder.refusal(0)).toBeUndefined();
  });

  it('does not count a large call, nor its time', () => {
    let nowMs = 0;
    const shedder = new LoadShedder(1, () => nowMs);
    const [large, small] = [shedder.enter(), shedder.enter()];
    large.arrived(65_537);
    small.arrived(65_536);
    nowMs = 650;
    small.leave(true);
    // 650 ms of work for the 64 answers that a server begins with and this one.
    shedder.enter();
    expect(shedder.waitMs).toBe(10);
    nowMs = 60_000;
    large.leave(true);
    expect(shedder.waitMs).toBe(10);
  });

  it('does not take the time between calls for work where one never ends', () => {
    let nowMs = 0;
    const shedder = new LoadShedder(50, () => nowMs);
    shedder.enter();
    for (let n = 0; n < 20_000; n += 1) {
      nowMs += 99;
      expect(shedder.refusal(100)).toBeUndefined();
      const place = shedder.enter();
      nowMs += 1;
      place.leave(true);
    }
    expect(shedder.waitMs).toBeCloseTo(1, 6);
  });

  it('counts a call whose request does not come for no longer than a moment, and again once it is there', async () => {
    const shedder = paced();
    const [stalled, whole] = [shedder.enter(), shedder.enter()];
    whole.arrived(1);
    expect(shedder.waitMs).toBeCloseTo(4, 9);
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    expect(shedder.waitMs).toBeCloseTo(2, 9);
    stalled.arrived(1);
    expect(shedder.waitMs).toBeCloseTo(4, 9);
    for (const place of [stalled, whole, stalled]) place.leave(false);
    expect(shedder.waitMs).toBe(0);
  });

  it('takes a turn’s work for that of all its answers, which come together', () => {
    let nowMs = 0;
    const shedder = new LoadShedder(Infinity, () => nowMs);
    for (let turn = 0; turn < 2000; turn += 1) {
      const places = Array.from({ length: 50 }, () => shedder.enter());
      nowMs += 10;
      for (const place of places) place.leave(true);
    }
    shedder.enter();
    // To a burst in some hundred.
    expect(shedder.waitMs).toBeCloseTo(0.2, 2);
  });

  it('refuses nothing while it is idle, however slow it was', () => {
    let nowMs = 0;
    const shedder = new LoadShedder(1, () => nowMs);
    const place = shedder.enter();
    nowMs = 60_000;
    place.leave(true);
    expect(shedder.refusal(0)).toBeUndefined();
  });

  it('does not take the time without calls for that of a call', () => {
    let nowMs = 0;
    const shedder = new LoadShedder(Infinity, () => nowMs);
    for (let n = 0; n < 20_000; n += 1) {
      nowMs += 10_000;
      const place = shedder.enter();
      nowMs += 2;
      place.leave(true);
    }
    shedder.enter();
    expect(shedder.waitMs).toBeCloseTo(2, 9);
  });

  // 400 at once each 100 ms, as from callers who wait for a processor as well: to refuse them all takes longer than half of the target.
  it.each([
    ['cheap, as over gRPC', 0.07],
    ['dear, as over REST', 0.15],
  ])('goes on letting in what is answered in time where bursts come, with refusals that are %s', (_, refusingMs) => {
    const [answerMs, targetMs, bursts] = [0.4, 50, 500];
    let nowMs = 0;
    let last = 0;
    const shedder = new LoadShedder(targetMs, () => nowMs);
    for (let burst = 0; burst < bursts; burst += 1) {
      nowMs = burst * 100;
      const places: Place[] = [];
      for (let n = 0; n < 400; n += 1)
        if (shedder.refusal(Infinity) === undefined) places.push(shedder.enter());
        else nowMs += refusingMs;
      nowMs += places.length * answerMs;
      for (const place of places) place.leave(true);
      last = places.length;
    }
    // Half of the target is for those before a call: 62 answers.
    expect(last).toBeGreaterThan((0.4 * targetMs) / 2 / answerMs);
    expect(last).toBeLessThanOrEqual(targetMs / 2 / answerMs + 1);
  });
});
