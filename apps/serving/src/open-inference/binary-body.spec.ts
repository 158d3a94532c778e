import { describe, expect, it } from 'vitest';
import { BinaryData, splitBody } from './binary-body.ts';

const body = Buffer.from('{}\u0001\u0002\u0003');

describe('splitBody', () => {
  it('splits at the header length, and not at all without one', () => {
    expect(splitBody(body, '2')).toEqual({ json: '{}', binary: Buffer.of(1, 2, 3) });
    expect(splitBody(body, '5').binary).toHaveLength(0);
    expect(splitBody(body, undefined).json).toBe(body.toString());
  });

  it.each(['6', '-1', '2.0', '0x2', '1e0', '', 'NaN', '99999999999999999999', '2, 2'])('refuses %j', (length) => {
    expect(() => splitBody(body, length)).toThrow(
      /Inference-Header-Content-Length must be .* at most the 5 of the body/,
    );
  });
});

describe('BinaryData', () => {
  it('gives out bytes in order, none twice and none left', () => {
    const data = new BinaryData('m', Buffer.of(1, 2, 3));
    expect(data.take('a', 2)).toEqual(Buffer.of(1, 2));
    expect(data.take('b', 0)).toHaveLength(0);
    expect(() => data.end()).toThrow("unexpected additional input data for model 'm'");
    expect(() => data.take('c', 3)).toThrow(
      "unexpected size for input 'c', expecting 2 additional bytes for model 'm'",
    );
    expect(data.take('c', 1)).toEqual(Buffer.of(3));
    expect(() => data.end()).not.toThrow();
  });

  it.each([-1, 1.5, '2', null, 2 ** 60, NaN])('refuses the size %j', (size) => {
    expect(() => new BinaryData('m', Buffer.of(1)).take('a', size)).toThrow(
      /input "a": binary_data_size|additional bytes/,
    );
  });
});
