import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyBody, floatText, predictBody, regressBody } from './json-outputs.ts';
import { classScores, type OutputTensor } from './output-tensors.ts';

const score: OutputTensor = { dtype: 'float', values: Float32Array.of(0.5, 1) };
const both: OutputTensor = { dtype: 'float', values: Float32Array.of(0.25, 0.75, 0, 1), width: 2 };
const raw: OutputTensor = { dtype: 'string', values: ['a', 'é'] };

describe('floatText', () => {
  it('is read as the same float32, has no more digits than it needs, and is no integer', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), (value) => {
        const text = floatText(value);
        expect(Math.fround(Number(text))).toBe(value === 0 ? 0 : value);
        expect(text).toMatch(/[.e]/);
        expect(text.replace(/e.*|^-?[0.]+|[-.]/g, '').length).toBeLessThanOrEqual(9);
      }),
    );
  });

  it.each([
    [0.2, '0.2'],
    [1, '1.0'],
    [0, '0.0'],
    // exp(−3)/(1 + exp(−3)) in float32.
    [0.047425873, '0.047425874'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ])('writes %d as %s', (value, text) => {
    expect(floatText(Math.fround(value))).toBe(text);
  });
});

describe('the bodies of answers', () => {
  it('are bare for one output, and name several', () => {
    expect(predictBody('row', new Map([['score', score]]))).toBe('{"predictions": [0.5, 1.0]}');
    expect(predictBody('column', new Map([['score', score]]))).toBe('{"outputs": [0.5, 1.0]}');
    const two = new Map<string, OutputTensor>([
      ['scores', both],
      ['raw_bytes', raw],
    ]);
    expect(JSON.parse(predictBody('row', two))).toEqual({
      predictions: [
        { scores: [0.25, 0.75], raw_bytes: { b64: 'YQ==' } },
        { scores: [0, 1], raw_bytes: { b64: 'w6k=' } },
      ],
    });
    expect(JSON.parse(predictBody('column', two, { prediction_ids: ['p'] }))).toEqual({
      outputs: {
        scores: [
          [0.25, 0.75],
          [0, 1],
        ],
        raw_bytes: [{ b64: 'YQ==' }, { b64: 'w6k=' }],
      },
      prediction_ids: ['p'],
    });
  });

  it('have the results of classification and regression under one key', () => {
    expect(classifyBody(['0', '1'], classScores(Float32Array.of(0.25)))).toBe(
      '{"results": [[["0", 0.75], ["1", 0.25]]]}',
    );
    expect(regressBody(Float32Array.of(0.25, 1), { prediction_ids: ['p', 'q'] })).toBe(
      '{"results": [0.25, 1.0], "prediction_ids": ["p","q"]}',
    );
  });
});
