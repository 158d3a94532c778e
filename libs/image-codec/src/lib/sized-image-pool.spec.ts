import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { areaResize } from '@adstocrat/transforms';
import { decodeRgb } from './decode-rgb.ts';
import { DecodingProcess } from './decoding-process.ts';
import { ImagePool, ImagePoolFull } from './image-pool.ts';
import { ImageThread } from './image-thread.ts';
import { sharedImagePool, SizedImagePool } from './sized-image-pool.ts';

const square = (side: number): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: { r: side, g: 1, b: 2 } } })
    .png()
    .toBuffer();
const of = (caller: string, side: number): { readonly turn: { readonly caller: string; readonly pixels: number } } => ({
  turn: { caller, pixels: side * side },
});

describe('SizedImagePool', () => {
  const poolOf = (decoding: DecodingProcess, maxWaiting = 100): SizedImagePool =>
    new SizedImagePool({
      mostPixels: 10_000,
      small: new ImagePool({ decoders: [new ImageThread()], maxWaiting }),
      large: new ImagePool({ decoders: [decoding, decoding], maxWaiting }),
    });

  it('decodes in the process what has more pixels than others may have to wait for, and nothing else', async () => {
    const decoding = new DecodingProcess({ idleMs: 1000 });
    const pool = poolOf(decoding);
    const [small, large] = await Promise.all([square(100), square(101)]);
    expect(await pool.resize(small, 8, of('a', 100))).toEqual(areaResize(await decodeRgb(small), 8));
    // Whoever does not say has nobody who waits.
    expect(await pool.resize(large, 8)).toEqual(areaResize(await decodeRgb(large), 8));
    expect(decoding.pid).toBeUndefined();
    const answer = pool.resize(large, 8, of('a', 101));
    expect(decoding.pid).toBeGreaterThan(0);
    expect(Buffer.from(await answer)).toEqual(Buffer.from(areaResize(await decodeRgb(large), 8)));
  });

  it('has nobody wait for the end of a large image that he does not need any more', async () => {
    const decoding = new DecodingProcess({ idleMs: 1000 });
    const pool = poolOf(decoding, 2);
    const large = await square(500);
    const leaving = new AbortController();
    const ask = { ...of('a', 500), signal: leaving.signal };
    // One is in the process, as one place is for others; two wait.
    const asked = [1, 2, 3].map((size) => pool.resize(large, size, ask));
    const stays = pool.resize(large, 4, { ...of('b', 500), name: 'shared' });
    const shared = pool.resize(large, 4, { ...ask, name: 'shared' });
    await expect(pool.resize(large, 5, ask)).rejects.toThrow(ImagePoolFull);
    // It gets no processor at all.
    process.kill(decoding.pid!, 'SIGSTOP');
    leaving.abort(new RangeError('late'));
    for (const one of [...asked, shared]) await expect(one).rejects.toThrow(new RangeError('late'));
    expect(pool.waiting).toBe(0);
    // It is at the first one still, and one of this caller alone is in it: the next waits for that.
    const next = pool.resize(large, 6, of('a', 500));
    expect(pool.waiting).toBe(1);
    process.kill(decoding.pid!, 'SIGCONT');
    expect(await stays).toHaveLength(48);
    expect(await next).toHaveLength(108);
  });

  it('is told of the process that died with an image, and goes on', async () => {
    const decoding = new DecodingProcess({ idleMs: 1000, restartMs: 10 });
    const pool = poolOf(decoding);
    const large = await square(1000);
    const asked = [1, 2].map((size) => pool.resize(large, size, of('a', 1000)));
    process.kill(decoding.pid!, 'SIGKILL');
    await expect(asked[0]).rejects.toThrow(/^the process that decodes large images ended \(SIGKILL\)$/);
    expect(await asked[1]).toHaveLength(12);
  });
});

describe('sharedImagePool', () => {
  it('answers alike for small images and large ones', async () => {
    const [small, large] = await Promise.all([square(99), square(2000)]);
    const pixels = await sharedImagePool.resize(small, 8, of('a', 99));
    expect(pixels).toEqual(areaResize(await decodeRgb(small), 8));
    const many = await sharedImagePool.resize(large, 8, of('a', 2000));
    expect(Buffer.from(many)).toEqual(Buffer.from(areaResize(await decodeRgb(large), 8)));
  });
});
