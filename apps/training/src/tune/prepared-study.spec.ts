import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { SpanRecord, StudyRecord } from '@adstocrat/metadata';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { StoredImages } from '@adstocrat/stored-images';
import { MemoryRows } from '../data/memory-rows.ts';
import type { prepareData, PreparedData } from '../run/prepare-data.ts';
import { adsTask, spanOf } from '../testing/fixtures.ts';
import { additive, rowsOf, worldOf } from '../testing/small-world.ts';
import { PreparedStudy } from './prepared-study.ts';

const how = { signal: new AbortController().signal, onStep: () => undefined };
const study: StudyRecord = {
  id: 'one',
  task: 'ads',
  spans: [1],
  digests: ['d1'],
  taskYaml: adsTask.resolvedYaml,
  sampler: 'tpe',
  epochs: 9,
  seed: 1,
  trials: 2,
  madeAtMs: 1,
  askedAtMs: 1,
};

describe('the rows of a study', () => {
  let workDir: string;
  let spans: readonly SpanRecord[];
  let closed: string[];
  let fetched: string[];
  beforeEach(() => {
    workDir = mkdtempSync(join(tmpdir(), 'adstocrat-prepared-'));
    [spans, closed, fetched] = [[spanOf(1)], [], []];
  });
  afterEach(() => {
    rmSync(workDir, { recursive: true, force: true });
  });

  /** Rows of the small world, and a span's file beside them as a fetched one lies there. */
  const prepare: typeof prepareData = (options) => {
    mkdirSync(join(options.workDir, 'spans'));
    writeFileSync(join(options.workDir, 'spans', 'rows.parquet'), 'a person');
    const name = options.workDir;
    fetched.push(name);
    class Rows extends MemoryRows {
      override close(): Promise<void> {
        closed.push(name);
        return super.close();
      }
    }
    const data = { ...worldOf(additive), train: new Rows(rowsOf(3000, 1, additive)) };
    return Promise.resolve({ data } as unknown as PreparedData);
  };
  const store = new LocalArtifactStore();
  const open = (prepared: typeof prepareData = prepare): PreparedStudy =>
    new PreparedStudy({
      metadata: {
        getSpan: () => Promise.resolve(spans[0]),
        findSpan: () => Promise.resolve(spans[0]),
        listSpans: () => Promise.resolve(spans),
      },
      store,
      stored: new StoredImages({
        registry: { find: () => Promise.resolve(new Map()) },
        store,
        artifactsUrl: 'file:///none',
      }),
      workDir,
      logger: createLogger({ service: 'test', level: 'silent' }),
      prepare: prepared,
    });

  it('are loaded once for all its trials, and those of another study in their place', async () => {
    const rows = open();
    const first = await rows.use(study, how, (data) => Promise.resolve(data));
    expect(await rows.use(study, how, (data) => Promise.resolve(data))).toBe(first);
    expect([fetched.length, closed.length]).toEqual([1, 0]);
    expect(existsSync(join(fetched[0]!, 'spans'))).toBe(false);
    // 1,500 validation rows in 40 stretches of 38 and 37 rows in turn: the longer ones choose, and the logistic regression was chosen by those.
    expect([first.rows.choosing.rows, first.data.validation.rows, first.rows.showing.rows]).toEqual([760, 760, 740]);
    expect(first.options.linear?.best?.logits).toHaveLength(760);
    await rows.use({ ...study, id: 'other' }, how, () => Promise.resolve());
    expect([fetched.length, closed]).toEqual([2, [fetched[0]]]);
    expect(readdirSync(workDir)).toHaveLength(1);
    await rows.close();
    expect([closed.length, readdirSync(workDir)]).toEqual([2, []]);
  });

  it('that changed since it was asked for are refused, also where the old ones are at hand', async () => {
    const rows = open();
    await rows.use(study, how, () => Promise.resolve());
    spans = [{ ...spanOf(1), digest: 'another' }];
    const again = rows.use(study, how, () => Promise.resolve());
    await expect(again).rejects.toThrow(PermanentFailure);
    await expect(again).rejects.toThrow(/span 1 of "ads" has other rows/);
    await rows.close();
  });

  it('leave nothing where they cannot be loaded, and are loaded by the next trial', async () => {
    let broken = true;
    const rows = open((options, engine) =>
      broken ? Promise.reject(new Error('the bucket is away')) : prepare(options, engine),
    );
    await expect(rows.use(study, how, () => Promise.resolve())).rejects.toThrow('the bucket is away');
    expect(readdirSync(workDir)).toEqual([]);
    broken = false;
    expect(await rows.use(study, how, () => Promise.resolve('tried'))).toBe('tried');
    await rows.close();
  });
});
