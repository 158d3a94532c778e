import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ColumnarBatch } from '@adstocrat/examples';
import { composeModel, splitMix32 } from '@adstocrat/models';
import { embeddingRows, graphOf } from '@adstocrat/transforms';
import { drawnWeights, everyStream, vocabulary, writeAnswering, writeTestServable } from '../testing.ts';
import { checkServable, openChecked } from './check-servable.ts';
import { DamagedServable } from './damaged-servable.ts';
import { OnnxSession } from './onnx-session.ts';
import { openServable } from './open-servable.ts';

let work: string;
let folder: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'check-'));
  folder = join(work, 'servable');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(work, { recursive: true, force: true });
});

const terms = Array.from({ length: 10_000 }, (_, at) => `site ${at}`);
const sites = (count: number): ColumnarBatch => ({
  rows: count,
  columns: new Map([
    ['site', { type: 'string', values: Array.from({ length: count }, (_, row) => `site ${(row * 37) % 12_000}`) }],
  ]),
});

/** With weights of which no sum is exact. */
async function writeLarge(): Promise<void> {
  const transform = graphOf([vocabulary('site', terms)]);
  const spec = composeModel({ fields: 1, idRows: embeddingRows(transform), dense: 0 }, everyStream);
  const next = splitMix32(7);
  await writeAnswering(
    folder,
    {
      head: { model: 'ads', modelVersion: 1, task: 'ads', runId: 'r', spans: [1], roles: {} },
      spec,
      weights: drawnWeights(spec, () => next() / 2 ** 32 - 0.5),
      calibration: { method: 'platt', slope: 1.1, intercept: -0.3 },
      transform,
      schema: { version: 1, columns: [{ name: 'site', type: 'string', role: 'feature', minPresence: 0 }] },
      tables: [],
      seenItems: ['1'],
      modelCard: '',
    },
    { rows: 3, columns: { site: ['site 7', 'elsewhere', null] } },
  );
}

describe('a checked servable', () => {
  it.each([
    ['is large, and prepared', 0],
    ['is small', Infinity],
  ])(
    'whose model %s answers every row with the bits of one that is opened from its folder',
    async (_, preparedFrom) => {
      await writeLarge();
      const [usual, checked] = [
        await openServable(folder),
        await openChecked(await checkServable(folder, { preparedFrom })),
      ];
      // Runs of 1, 2, 3, … 128 rows, and of several runs.
      for (const rows of [...Array.from({ length: 128 }, (_, at) => at + 1), 300])
        expect(await checked.score(sites(rows))).toEqual(await usual.score(sites(rows)));
      expect(checked.manifest).toEqual(usual.manifest);
      expect(checked.transform).toEqual(usual.transform);
      await Promise.all([usual.close(), checked.close()]);
    },
  );

  it.each([
    ['a prepared model', 0, [0, 1]],
    ['its model', Infinity, [1, 0]],
  ])('is opened with one session, of %s, and asked once', async (_, preparedFrom, sessions) => {
    await writeTestServable(folder, { version: 1, bias: 0.5 });
    const checked = await checkServable(folder, { preparedFrom });
    expect(checked.answer).toMatchObject({ warmUpRows: 3, sharesRuns: true });
    expect(checked.answer.largestDifference).toBeLessThan(1e-6);
    rmSync(folder, { recursive: true });
    const [open, openPrepared, run] = [
      vi.spyOn(OnnxSession, 'open'),
      vi.spyOn(OnnxSession, 'openPrepared'),
      vi.spyOn(OnnxSession.prototype, 'run'),
    ];
    const servable = await openChecked(checked);
    expect([open, openPrepared, run].map(({ mock }) => mock.calls.length)).toEqual([...sessions, 1]);
    // Two calls of one turn share a run: that rows do not depend on each other was seen.
    run.mockClear();
    const prices: ColumnarBatch = {
      rows: 1,
      columns: new Map([['price', { type: 'float', values: Float64Array.of(10) }]]),
    };
    await Promise.all([servable.score(prices), servable.score(prices)]);
    expect(run).toHaveBeenCalledTimes(1);
    await servable.close();
  });

  it('leaves its folder and what is beside it as they were', async () => {
    await writeTestServable(folder, { version: 1, bias: 0 });
    const before = [readdirSync(folder), readdirSync(dirname(folder))];
    await checkServable(folder, { preparedFrom: 0 });
    expect([readdirSync(folder), readdirSync(dirname(folder))]).toEqual(before);
  });

  it.each(['model.onnx', 'transform.json', 'seen-items.json'])('is none with a changed %s', async (name) => {
    await writeLarge();
    appendFileSync(join(folder, name), ' ');
    await expect(checkServable(folder)).rejects.toThrow(new RegExp(`${name} differs from the manifest`));
  });

  it('is refused where the sessions that are to answer do otherwise than those that were checked', async () => {
    await writeTestServable(folder, { version: 1, bias: 0.5 });
    const other = join(work, 'other');
    await writeTestServable(other, { version: 2, bias: 0.75 });
    const [checked, { model }] = [await checkServable(folder), await checkServable(other)];
    await expect(openChecked({ ...checked, model })).rejects.toThrow(DamagedServable);
  });
});
