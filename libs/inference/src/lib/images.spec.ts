import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import { BadImage, decodeRgb, sharedImagePool } from '@adstocrat/image-codec';
import { composeModel, parametersOf, uncalibrated, type Weights } from '@adstocrat/models';
import { areaResize, graphOf } from '@adstocrat/transforms';
import { checkServable, openChecked } from './check-servable.ts';
import type { LoadedServable } from './loaded-servable.ts';
import { openServable } from './open-servable.ts';
import { writeServable } from './write-servable.ts';

const size = 8;
const spec = composeModel(
  { fields: 0, idRows: 0, dense: 0, imageSize: size },
  {
    wideL2: 0,
    embedding: { units: 1, l2: 0, dropout: 0 },
    streams: [],
    image: { filters: 2, cells: 2, units: 3 },
  },
);
/** A picture of 20 × 12 pixels with a gradient in a colour. */
const picture = (colour: readonly [number, number, number]): Promise<Buffer> =>
  sharp(
    Buffer.from(Array.from({ length: 20 * 12 }, (_, at) => colour.map((value) => (value * (at % 20)) / 20)).flat()),
    { raw: { width: 20, height: 12, channels: 3 } },
  )
    .png()
    .toBuffer();

describe('a servable with images', () => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  let servable: LoadedServable;
  let red: Uint8Array;
  let blue: Uint8Array;

  beforeAll(async () => {
    [red, blue] = await Promise.all([picture([250, 20, 20]), picture([20, 20, 250])]);
    const weights: Weights = new Map(
      parametersOf(spec).map(({ name, shape }) => {
        const length = shape.reduce((product, dimension) => product * dimension, 1);
        return [name, Float32Array.from({ length }, (_, at) => Math.sin(at * 1.7 + name.length) * 0.6)];
      }),
    );
    writeServable(folder, {
      head: {
        model: 'ads',
        modelVersion: 1,
        task: 'ads',
        runId: 'r',
        spans: [1],
        roles: { image: 'picture' },
      },
      spec,
      weights,
      calibration: uncalibrated,
      tables: [],
      modelCard: '',
      transform: graphOf([], {
        image: { column: 'picture', size, mean: [0.5, 0.5, 0.5], scale: [0.25, 0.25, 0.25] },
      }),
      schema: { version: 1, columns: [{ name: 'picture', type: 'string', role: 'image', minPresence: 0 }] },
      images: { byName: { 'red.png': 0 }, pixels: areaResize(await decodeRgb(red), size) },
      warmUp: { rows: 0, columns: {}, scores: [] },
    });
    servable = await openServable(folder);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await servable.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const named = (...names: readonly (string | null)[]): ColumnarBatch => ({
    rows: names.length,
    columns: new Map<string, Column>([['picture', { type: 'string', values: names }]]),
  });

  it('scores an image known by name and the same image sent along alike, to the last bit', async () => {
    const [byName, byBytes, other, none] = await servable.score(named('red.png', null, 'red.png', 'unknown.png'), [
      null,
      red,
      blue,
      null,
    ]);
    expect(byBytes).toBe(byName);
    expect(other).not.toBe(byName);
    expect(none).not.toBe(byName);
    // Without an image the vector is zeros: what is left is the output's bias.
    const bias = (Math.sin('linear.logit.bias'.length) + Math.sin('logit.bias'.length)) * 0.6;
    expect(none).toBeCloseTo(1 / (1 + Math.exp(-bias)), 6);
  });

  it.each([0, Infinity])(
    'scores alike once another thread may have checked it, models prepared from %d bytes on',
    async (preparedFrom) => {
      const checked = await openChecked(await checkServable(folder, { preparedFrom }));
      const [rows, sent] = [named('red.png', null, 'unknown.png'), [null, blue, null]];
      expect(await checked.score(rows, sent)).toEqual(await servable.score(rows, sent));
      await checked.close();
    },
  );

  it('refuses bytes that are no image, and goes on', async () => {
    await expect(servable.score(named(null), [Buffer.from('not an image')])).rejects.toThrow(BadImage);
    await expect(servable.score(named(null), [red.subarray(0, 60)])).rejects.toThrow(BadImage);
    expect((await servable.score(named('red.png')))[0]).toBe((await servable.score(named(null), [red]))[0]);
  });

  it('says which images it knows by name', () => {
    expect([servable.knowsImage('red.png'), servable.knowsImage('blue.png')]).toEqual([true, false]);
  });

  const largeImages = (count: number): Promise<Buffer[]> =>
    Promise.all(
      Array.from({ length: count }, () =>
        sharp({ create: { width: 1000, height: 1000, channels: 3, background: { r: (number += 1), g: 1, b: 1 } } })
          .png()
          .toBuffer(),
      ),
    );
  let number = 0;
  /** More than the pool has threads. */
  const many = 8 + availableParallelism();
  /** Of the pool's images, what was decoded. */
  const decoded = (): (() => number) => {
    const resize = vi.spyOn(sharedImagePool, 'resize');
    return () => resize.mock.settledResults.filter(({ type }) => type === 'fulfilled').length;
  };

  it('does not decode the images behind a bad one, and fails no sooner than those before it are done with', async () => {
    const damaged = Uint8Array.from(red);
    // The size that a PNG says stands before its pixels.
    damaged.fill(0, 45, 60);
    const large = await largeImages(many);
    const count = decoded();
    const batch: ColumnarBatch = { rows: many + 1, columns: new Map() };
    await expect(servable.score(batch, [...large.slice(0, 2), damaged, ...large.slice(2)])).rejects.toMatchObject({
      name: 'BadImage',
      row: 2,
    });
    expect(sharedImagePool.waiting).toBe(0);
    expect(count()).toBeGreaterThanOrEqual(2);
    expect(count()).toBeLessThan(many);
  });

  it('does not decode what still waits when nobody needs it any more', async () => {
    const large = await largeImages(many);
    const count = decoded();
    const gone = new AbortController();
    const batch: ColumnarBatch = { rows: many, columns: new Map() };
    const left = servable.score(batch, large, { signal: gone.signal });
    const stays = servable.score({ rows: 1, columns: new Map() }, [large.at(-1)!], {
      turnOf: () => ({ caller: 'another', pixels: 1 }),
    });
    gone.abort(new RangeError('gone'));
    await expect(left).rejects.toThrow(new RangeError('gone'));
    expect(sharedImagePool.waiting).toBe(0);
    const [score] = await stays;
    expect(count()).toBeLessThan(many);
    expect((await servable.score({ rows: 1, columns: new Map() }, [large.at(-1)!]))[0]).toBe(score);
  });
});
