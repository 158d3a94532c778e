import { describe, expect, it } from 'vitest';
import { parseFeatures } from './feature-declarations.ts';

const issuesOf = (features: unknown): string[] =>
  parseFeatures(features).issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('parseFeatures', () => {
  it('takes names, names with parameters and lists, and fills in the defaults', () => {
    const { declared, issues } = parseFeatures({
      a: 'ignore',
      b: { op: 'hash', buckets: 7 },
      c: ['auto', { op: 'clip', min: 0, max: 1 }],
    });
    expect(issues).toEqual([]);
    expect(declared.get('b')).toMatchObject([{ kind: 'operation', parameters: { buckets: 7 } }]);
    expect(declared.get('c')).toMatchObject([{ kind: 'auto' }, { kind: 'operation', parameters: { min: 0, max: 1 } }]);
  });

  it.each([
    [{ x: 'vocab' }, /^x: no operation "vocab": allowed are ignore, auto, numeric, buckets, vocabulary, .*, image$/],
    [{ x: 'constructor' }, /^x: no operation "constructor"/],
    [{ x: { op: 'hash', bukets: 5 } }, /^x\.bukets: unknown key: hash takes buckets$/],
    [{ x: { op: 'zScore', cut: 5 } }, /^x\.cut: unknown key: zScore takes none$/],
    [{ x: { op: 'hash', buckets: 0 } }, /^x\.buckets: .*>=1, got 0$/],
    [{ x: { op: 'hash', buckets: 'many' } }, /^x\.buckets: .*number.*got "many"$/],
    [{ x: { op: 'clip', min: 5, max: 1 } }, /^x\.max: more than `min`, got 1$/],
    [{ x: { op: 'cross' } }, /^x\.with: the name of another column, or a list of 1 to 8 names, and is missing$/],
    [{ x: [{ op: 'hash' }, 'foo'] }, /^x\.1: no operation "foo"/],
    [{ x: ['ignore', 'hash'] }, /^x: ignore stands alone$/],
    [{ x: [] }, /^x: an empty list/],
    [{ x: 5 }, /^x: the name of an operation, or \{op: NAME, …\}, got 5$/],
    [{ x: null }, /^x: the name of an operation.*got null$/],
    [{ x: { buckets: 5 } }, /^x: names no operation: give op$/],
    [{ x: { op: 'ignore', why: 1 } }, /^x\.why: unknown key: ignore takes none$/],
    [['x'], /^: columns with an operation each, got \["x"\]$/],
    ['x', /^: columns with an operation each/],
  ])('tells what is wrong with %j', (features, message) => {
    const issues = issuesOf(features);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(message);
  });

  it('tells every mistake', () => {
    expect(issuesOf({ a: 'x', b: { op: 'hash', buckets: 0, c: 1 }, d: 7 })).toHaveLength(4);
  });
});
