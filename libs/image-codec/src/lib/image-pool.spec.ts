import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { areaResize } from '@adstocrat/transforms';
import { BadImage, decodeRgb, pixelCount } from './decode-rgb.ts';
import { ImagePool, ImagePoolFull } from './image-pool.ts';
import { ImageThread } from './image-thread.ts';

const picture = (width: number, height: number): Promise<Buffer> =>
  sharp(Buffer.from(Array.from({ length: width * height * 3 }, (_, at) => (at * 7) % 256)), {
    raw: { width, height, channels: 3 },
  })
    .png()
    .toBuffer();

const poolOf = (threads: number, maxWaiting: number): ImagePool =>
  new ImagePool({ decoders: Array.from({ length: threads }, () => new ImageThread()), maxWaiting });

describe('ImagePool', () => {
  const pool = poolOf(2, 4);

  it('answers as decoding in this thread does', async () => {
    const bytes = await picture(33, 20);
    expect(await pool.resize(bytes, 8)).toEqual(areaResize(await decodeRgb(bytes), 8));
  });

  it('refuses what is no image, and goes on', async () => {
    await expect(pool.resize(Buffer.from('no image'), 8)).rejects.toThrow(/^not an image/);
    expect(await pool.resize(await picture(3, 3), 2)).toHaveLength(12);
  });

  it('takes no more than may wait, and all that it took', async () => {
    const bytes = await picture(40, 40);
    // One is worked on, since one thread is for others, and 4 wait.
    const taken = Array.from({ length: 5 }, () => pool.resize(bytes, 4));
    await expect(pool.resize(bytes, 4)).rejects.toThrow(ImagePoolFull);
    // So many of one caller: others have their own room.
    expect(await pool.resize(bytes, 4, { turn: { caller: 'another', pixels: 1600 } })).toHaveLength(48);
    for (const pixels of await Promise.all(taken)) expect(pixels).toHaveLength(48);
    expect(pool.waiting).toBe(0);
  });

  it('lets images of others overtake those of a caller who asks for many', async () => {
    const create = { width: 3000, height: 3000, channels: 3, background: 'red' } as const;
    const [large, small] = [await sharp({ create }).png().toBuffer(), await picture(30, 30)];
    // Both threads have begun.
    await Promise.all(['a', 'b'].map((caller) => pool.resize(small, 4, { turn: { caller, pixels: 900 } })));
    const ended: string[] = [];
    const asked = async (bytes: Uint8Array, caller: string, pixels: number): Promise<void> => {
      await pool.resize(bytes, 4, { turn: { caller, pixels } });
      ended.push(caller);
    };
    await Promise.all([
      ...Array.from({ length: 4 }, () => asked(large, 'greedy', 9_000_000)),
      ...Array.from({ length: 3 }, () => asked(small, 'polite', 900)),
      asked(small, 'another', 900),
    ]);
    // Four small images are decoded in the time of two that are large, in the thread that one caller alone does not get.
    expect(ended.slice(-2)).toEqual(['greedy', 'greedy']);
  });

  it('shares one thread by pixels, whoever came first', async () => {
    const one = poolOf(1, 100);
    const bytes = await picture(60, 60);
    const ended: string[] = [];
    const asked = (caller: string, count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, () =>
          one.resize(bytes, 4, { turn: { caller, pixels: 3600 } }).then(() => ended.push(caller)),
        ),
      );
    await Promise.all([asked('a', 6), asked('b', 3)]);
    // The first of "a" is under way when "b" comes; then by turns, until "b" has all.
    expect(ended).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'a', 'a']);
  });

  it('does not decode what nobody needs any more, and asks nothing of its caller for it', async () => {
    const one = poolOf(1, 3);
    const bytes = await picture(60, 60);
    const ended: string[] = [];
    const asked = async (name: string, caller: string, pixels: number, signal?: AbortSignal): Promise<void> => {
      await one.resize(bytes, 4, { turn: { caller, pixels }, ...(signal !== undefined && { signal }) });
      ended.push(name);
    };
    const leaving = new AbortController();
    const first = asked('first', 'a', 1, leaving.signal);
    const left = [1000, 1000, 1000].map((pixels) => asked('left', 'a', pixels, leaving.signal));
    const others = ['b1', 'b2'].map((name) => asked(name, 'b', 10));
    await expect(asked('one too many', 'a', 1)).rejects.toThrow(ImagePoolFull);
    leaving.abort(new RangeError('gone'));
    const last = asked('last', 'a', 1);
    for (const one of left) await expect(one).rejects.toThrow(new RangeError('gone'));
    await expect(asked('too late', 'a', 1, leaving.signal)).rejects.toThrow(new RangeError('gone'));
    await Promise.all([first, last, ...others]);
    // What was begun is answered. "last" starts at 1, where "first" ends, and "b2" at 10.
    expect(ended).toEqual(['first', 'b1', 'last', 'b2']);
    expect(one.waiting).toBe(0);
  });

  it('decodes an image of several callers once, at the first of their turns', async () => {
    const one = poolOf(1, 100);
    const bytes = await picture(60, 60);
    const ended: string[] = [];
    const asked = async (name: string, caller: string, pixels = 3600): Promise<Uint8Array> => {
      const answer = await one.resize(bytes, 4, { turn: { caller, pixels }, name });
      ended.push(`${caller}${name}`);
      return answer;
    };
    const greedy = ['1', '2', '3', '4', 'shared'].map((name) => asked(name, 'a', 100_000));
    const polite = [asked('shared', 'b'), asked('x', 'b')];
    expect(one.waiting).toBe(6);
    const answers = await Promise.all([...greedy, ...polite]);
    expect(ended).toEqual(['a1', 'ashared', 'bshared', 'bx', 'a2', 'a3', 'a4']);
    expect(answers[5]).toBe(answers[4]);
    expect(one.waiting).toBe(0);
  });

  it('leaves a shared image to whoever still needs it, at their own turn', async () => {
    const one = poolOf(1, 100);
    const bytes = await picture(60, 60);
    const ended: string[] = [];
    const asked = async (name: string, caller: string, signal?: AbortSignal): Promise<void> => {
      await one.resize(bytes, 4, { turn: { caller, pixels: 1 }, name, ...(signal !== undefined && { signal }) });
      ended.push(`${caller}${name}`);
    };
    const leaving = new AbortController();
    const begun = asked('1', 'c');
    const left = [asked('shared', 'a', leaving.signal), asked('shared', 'b', leaving.signal)];
    const stays = ['2', '3', 'shared'].map((name) => asked(name, 'b'));
    leaving.abort();
    for (const one of left) await expect(one).rejects.toThrow('aborted');
    await Promise.all([begun, ...stays]);
    // "b" asked for it before "2".
    expect(ended).toEqual(['c1', 'bshared', 'b2', 'b3']);
    // Once it is answered it is asked for anew, also by a name that was left by all.
    const alone = new AbortController();
    const [busy, none] = [asked('4', 'c'), asked('shared', 'a', alone.signal)];
    alone.abort();
    await expect(none).rejects.toThrow('aborted');
    await Promise.all([busy, asked('shared', 'a')]);
    expect(ended.slice(4)).toEqual(['c4', 'ashared']);
  });

  it('tells all who asked for an image that it is none', async () => {
    const one = poolOf(1, 100);
    const asked = ['a', 'b'].map((caller) =>
      one.resize(Buffer.from('no image'), 4, { turn: { caller, pixels: 1 }, name: 'bad' }),
    );
    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'BadImage' } });
  });
});

describe('pixelCount', () => {
  it('reads the size that an image says, and decodes nothing', async () => {
    expect(await pixelCount(await picture(33, 20))).toBe(660);
    await expect(pixelCount(Buffer.from('no image'))).rejects.toThrow(BadImage);
  });
});
