import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mayBeTurned } from './may-be-turned.ts';

const create = { width: 8, height: 4, channels: 3, background: 'red' } as const;
const plain = await sharp({ create }).jpeg().toBuffer();
const turned = await sharp({ create }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
const segment = (marker: number, body: string): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, Buffer.from(body, 'latin1')]);
};
/** The image with something put before its headers. */
const after = (image: Buffer, ...what: Buffer[]): Buffer =>
  Buffer.concat([image.subarray(0, 2), ...what, image.subarray(2)]);

describe('mayBeTurned', () => {
  it.each([
    ['no EXIF', plain, false],
    ['a turned one', turned, true],
    [
      'a turned one behind an ICC profile and XMP',
      after(turned, segment(0xe2, 'ICC_PROFILE\0'), segment(0xe1, 'http://ns')),
      true,
    ],
    ['XMP alone', after(plain, segment(0xe1, 'http://ns.adobe.com/xap/1.0/')), false],
    ['EXIF in a comment', after(plain, segment(0xfe, 'Exif\0\0')), false],
    ['a segment of no bytes', after(plain, segment(0xe1, '')), false],
    ['bytes that fill up to a marker', after(plain, Buffer.from([0xff, 0xff, 0xff])), false],
    ['bytes between segments', after(plain, Buffer.from('?')), true],
    ['a marker that has no length', after(plain, Buffer.from([0xff, 0x01])), true],
    ['headers that are cut', plain.subarray(0, 60), true],
    ['a length beyond the end', after(plain, Buffer.from([0xff, 0xe0, 0xff, 0xff])), true],
    ['nothing but a beginning', plain.subarray(0, 3), true],
  ])('of %s', (_what, bytes, answer) => {
    expect(mayBeTurned(bytes)).toBe(answer);
  });

  it('is never false of an image that has an orientation, whatever the order of what else it has', async () => {
    for (let orientation = 1; orientation <= 8; orientation += 1)
      for (const progressive of [false, true]) {
        const image = sharp({ create }).withIccProfile('p3').withMetadata({ orientation });
        const bytes = await image.jpeg({ progressive }).toBuffer();
        expect((await sharp(bytes).metadata()).orientation).toBe(orientation);
        expect(mayBeTurned(bytes)).toBe(true);
      }
  });
});
