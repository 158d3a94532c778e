import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fact, labelOf, type LabelRule } from './label-of.ts';

const rule: LabelRule = { windowMs: 100, graceMs: 10, opens: 'prediction' };
const shown: LabelRule = { ...rule, opens: 'impression' };
const click = (timeMs: number, seenMs = timeMs): Fact => ({ kind: 'click', timeMs, seenMs });
const impression = (timeMs: number, seenMs = timeMs): Fact => ({ kind: 'impression', timeMs, seenMs });

describe('labelOf', () => {
  it.each<[string, LabelRule, readonly Fact[], Partial<ReturnType<typeof labelOf>>]>([
    ['no click is no', rule, [], { openedMs: 1000, clicked: false }],
    ['a click at once counts', rule, [click(1000)], { clicked: true, inside: 1 }],
    ['a click at the end counts', rule, [click(1100)], { clicked: true, inside: 1 }],
    ['a click after the end does not', rule, [click(1101)], { clicked: false, after: 1 }],
    ['a click seen within the grace counts', rule, [click(1050, 1110)], { clicked: true }],
    ['a click seen after the grace is not looked at', rule, [click(1050, 1111)], { clicked: false, inside: 0 }],
    ['a click before is impossible and eats no true one', rule, [click(1), click(1001)], { clicked: true, before: 1 }],
    ['the second click is a duplicate', rule, [click(1001), click(1002)], { clicked: true, inside: 2 }],
    ['a conversion is no click', rule, [{ kind: 'conversion', timeMs: 1001, seenMs: 1001 }], { clicked: false }],
    ['never shown has no label', shown, [click(1001)], { openedMs: undefined, clicked: false, before: 1 }],
    ['the first impression opens', shown, [impression(1050), impression(1040)], { openedMs: 1040 }],
    ['and the window runs from it', shown, [impression(1100), click(1200)], { openedMs: 1100, clicked: true }],
    ['an impression before its prediction is none', shown, [impression(999)], { openedMs: undefined }],
    ['an impression after the window is none', shown, [impression(1101)], { openedMs: undefined }],
    ['an impression seen after the grace is none', shown, [impression(1050, 1111)], { openedMs: undefined }],
  ])('%s', (_, one, facts, expected) => {
    expect(labelOf(1000, facts, one)).toMatchObject(expected);
  });

  it('does not depend on the order of the facts', () => {
    const fact = fc.record({
      kind: fc.constantFrom<Fact['kind']>('impression', 'click'),
      timeMs: fc.integer({ min: 900, max: 1300 }),
      seenMs: fc.integer({ min: 900, max: 1400 }),
    });
    const facts = fc
      .array(fact, { maxLength: 12 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(facts, fc.constantFrom(rule, shown), ([list, shuffled], one) => {
        expect(labelOf(1000, shuffled, one)).toEqual(labelOf(1000, list, one));
      }),
    );
  });
});
