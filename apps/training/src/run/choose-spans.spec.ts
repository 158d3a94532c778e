import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '@adstocrat/metadata';
import { chooseSpans } from './choose-spans.ts';

const span = (number: number, kind: 'batch' | 'live', ready = true): SpanRecord => ({
  task: 'ads',
  span: number,
  kind,
  ready,
  uri: '',
  digest: '',
  inputDigest: '',
  trainRows: 0,
  validationRows: 0,
  testRows: 0,
  rejectedRows: 0,
  images: 0,
  rejectedImages: 0,
  anomalies: [],
  notes: [],
  createdAtMs: 0,
});
const spans = [
  span(1, 'batch'),
  span(2, 'batch'),
  span(3, 'live'),
  span(4, 'live', false),
  span(5, 'live'),
  span(6, 'live'),
];

describe('chooseSpans', () => {
  it.each([
    { why: 'a batch span alone', newest: 2, keep: 3, chosen: [2] },
    { why: 'a live span with the newest batch span', newest: 3, keep: 3, chosen: [2, 3] },
    { why: 'no span that is not ready', newest: 5, keep: 3, chosen: [2, 3, 5] },
    { why: 'the newest live spans where they are too many', newest: 6, keep: 3, chosen: [2, 5, 6] },
    { why: 'the batch span always', newest: 6, keep: 1, chosen: [2, 6] },
  ])('takes $why', ({ newest, keep, chosen }) => {
    expect(chooseSpans(spans, newest, keep).map((one) => one.span)).toEqual(chosen);
  });

  it('takes live spans alone where there never was a batch', () => {
    expect(chooseSpans([span(1, 'live')], 1).map((one) => one.span)).toEqual([1]);
  });

  it('refuses a span that is not ready', () => {
    expect(() => chooseSpans(spans, 4)).toThrow(new RangeError('span 4 is not recorded as ready'));
  });
});
