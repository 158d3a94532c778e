import { describe, expect, it } from 'vitest';
import { FailureReasons } from './failure-reasons.ts';

const found = (...reasons: readonly string[]) => {
  const all = new FailureReasons();
  for (const [index, reason] of reasons.entries()) all.add({ reason, file: 'rows.csv', line: index + 2 });
  return all;
};

describe('FailureReasons', () => {
  it('takes reasons that differ in the value alone for one, with an example', () => {
    const all = found(
      'input "ts": "oops" is no time',
      'input "ts": "a \\"b\\" is c" is no time',
      'input "n": 1.5 is no whole number',
    );
    expect(all.list).toEqual([
      { reason: 'input "ts": a value is no time', rows: 2, file: 'rows.csv', line: 2, example: '"oops"' },
      { reason: 'input "n": 1.5 is no whole number', rows: 1, file: 'rows.csv', line: 4 },
    ]);
  });

  it('keeps the words of what is always the same', () => {
    expect(found('too few fields: 2, the header has 3', 'too few fields: 2, the header has 3').list).toEqual([
      { reason: 'too few fields: 2, the header has 3', rows: 2, file: 'rows.csv', line: 2 },
    ]);
    expect(
      found('input "s" has 70 bytes: a value has at most 8', 'input "s" has 90 bytes: a value has at most 8').list,
    ).toMatchObject([{ reason: 'input "s" has too many bytes: a value has at most 8', rows: 2, example: '70' }]);
    expect(found('too few fields: 2, the header has 3', 'too few fields: 1, the header has 3').list).toEqual([
      { reason: 'too few fields: the header has 3', rows: 2, file: 'rows.csv', line: 2, example: '2' },
    ]);
  });

  it('counts the same from parts as from all at once', () => {
    const reasons = ['oops', 'never', 'oops', 'later'].map((word) => `input "ts": "${word}" is no time`);
    const parts = new FailureReasons();
    for (const part of [reasons.slice(0, 2), reasons.slice(2)]) parts.addAll(found(...part).list);
    expect(parts.list).toEqual(found(...reasons).list);
  });

  it('tells twenty ways apart', () => {
    const all = found(...Array.from({ length: 30 }, (_, index) => `way ${index}`));
    expect(all.list).toHaveLength(20);
  });
});
