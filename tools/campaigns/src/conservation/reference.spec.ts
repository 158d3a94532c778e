import { describe, expect, it } from 'vitest';
import { referenceLabel, type SeenClick } from './reference.ts';

describe('referenceLabel', () => {
  const prediction = { model: 'shop', predictionId: 'p', servedAtMs: 1000 };
  // The window is [1000, 1100], and the server takes clicks up to 1110.
  const rule = { windowMs: 100, graceMs: 10 };
  const click: SeenClick = { predictionId: 'p', model: '', eventTimeMs: 1050, seenMs: 1060 };

  it.each<{ readonly why: string; readonly clicks: readonly SeenClick[]; readonly label: boolean }>([
    { why: 'no click', clicks: [], label: false },
    { why: 'one inside the window', clicks: [click], label: true },
    { why: 'one at its very beginning', clicks: [{ ...click, eventTimeMs: 1000 }], label: true },
    { why: 'one at its very end', clicks: [{ ...click, eventTimeMs: 1100, seenMs: 1100 }], label: true },
    { why: 'one seen at the very end of the grace', clicks: [{ ...click, seenMs: 1110 }], label: true },
    { why: 'one seen after the grace', clicks: [{ ...click, seenMs: 1111 }], label: false },
    { why: 'one before the prediction', clicks: [{ ...click, eventTimeMs: 999 }], label: false },
    { why: 'one after the window', clicks: [{ ...click, eventTimeMs: 1101, seenMs: 1105 }], label: false },
    { why: 'one that does not say when', clicks: [{ ...click, eventTimeMs: 0 }], label: true },
    { why: 'one from the future, seen inside', clicks: [{ ...click, eventTimeMs: 9e12 }], label: true },
    { why: 'one from the future, seen before', clicks: [{ ...click, eventTimeMs: 9e12, seenMs: 990 }], label: false },
    { why: "another prediction's", clicks: [{ ...click, predictionId: 'q' }], label: false },
    { why: "another model's", clicks: [{ ...click, model: 'shop-too' }], label: false },
    { why: 'one that names the model', clicks: [{ ...click, model: 'shop' }], label: true },
    { why: 'a wrong one before a true one', clicks: [{ ...click, eventTimeMs: 5 }, click], label: true },
  ])('is $label for $why', ({ clicks, label }) => {
    expect(referenceLabel(prediction, clicks, rule)).toBe(label);
  });
});
