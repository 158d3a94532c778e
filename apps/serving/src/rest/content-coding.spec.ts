import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decoded, encoded, wantedCoding } from './content-coding.ts';

const text = Buffer.from('{"inputs": []}'.repeat(100));

describe('decoded', () => {
  it('reads gzip, deflate and what is not compressed', async () => {
    expect(await decoded(gzipSync(text), 'gzip', 10_000)).toEqual(text);
    expect(await decoded(deflateSync(text), 'Deflate', 10_000)).toEqual(text);
    for (const coding of [undefined, 'identity']) expect(await decoded(text, coding, 10)).toEqual(text);
    for (const coding of ['gzip', 'deflate'] as const)
      expect(await decoded(await encoded(text, coding), coding, 10_000)).toEqual(text);
  });

  it('stops at the limit, however small the body is', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expect(decoded(bomb, 'gzip', 1_000_000)).rejects.toMatchObject({
      statusCode: 413,
      message: 'the body has more than 1000000 bytes when it is not compressed',
    });
  });

  it('refuses other codings, and streams that are none', async () => {
    await expect(decoded(text, 'br', 1000)).rejects.toThrow(/^Unsupported compression type "br"/);
    await expect(decoded(text, 'gzip, gzip', 1000)).rejects.toThrow(/Unsupported/);
    await expect(decoded(text, 'gzip', 1000)).rejects.toMatchObject({ statusCode: 400 });
    await expect(decoded(gzipSync(text).subarray(0, 20), 'gzip', 10_000)).rejects.toMatchObject({ statusCode: 400 });
    await expect(decoded(Buffer.of(), 'deflate', 10)).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('wantedCoding', () => {
  it.each([
    { header: 'gzip', bytes: 1, coding: 'gzip' },
    { header: 'deflate', bytes: 1, coding: 'deflate' },
    { header: 'gzip, deflate, br', bytes: 1, coding: undefined },
    { header: 'br, deflate;q=0.5, gzip', bytes: 5000, coding: 'deflate' },
    { header: 'gzip;q=0', bytes: 5000, coding: undefined },
    { header: 'gzip;q=0.0, deflate', bytes: 5000, coding: 'deflate' },
    { header: 'br', bytes: 5000, coding: undefined },
    { header: undefined, bytes: 5000, coding: undefined },
  ])('is $coding for $bytes bytes and "$header"', ({ header, bytes, coding }) => {
    expect(wantedCoding(header, bytes)).toBe(coding);
  });
});
