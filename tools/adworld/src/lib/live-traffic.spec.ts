import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { driftEffect, driftShare } from './drift.ts';
import { LiveTraffic, type LiveImpression } from './live-traffic.ts';
import { Random } from './random.ts';
import { streamWorld } from './stream-world.ts';
import { viewingOf, visualAppeal } from './visual-appeal.ts';
import { World } from './world.ts';
import { hourMs } from './world-options.ts';

const size = { seed: 7, months: 1, users: 2000, rowsPerHour: 3000 } as const;
const startMs = Date.UTC(2026, 1, 1);

describe('LiveTraffic', () => {
  const traffic = new LiveTraffic(size);
  const page = traffic.page(startMs, startMs + 4 * hourMs);

  it('goes on where the months end, at the rate asked for, in order of time', () => {
    expect(traffic.startMs).toBe(startMs);
    expect(page.impressions).toHaveLength(12_000);
    expect(new Set(page.impressions.map(({ id }) => id)).size).toBe(12_000);
    expect(page.impressions.every(({ timeMs }, index, all) => timeMs >= (all[index - 1]?.timeMs ?? startMs))).toBe(
      true,
    );
  });

  it('gives the same impressions however time is cut, and in whatever order it is asked', () => {
    const other = new LiveTraffic(size);
    const cuts = [startMs, startMs + 7001, startMs + 61_234, startMs + hourMs];
    const parts = [2, 0, 1].map((part) => ({ part, got: other.page(cuts[part]!, cuts[part + 1]!).impressions }));
    const joined = parts.toSorted((a, b) => a.part - b.part).flatMap(({ got }) => got);
    expect(joined).toEqual(page.impressions.filter(({ timeMs }) => timeMs < startMs + hourMs));
    expect(new LiveTraffic({ ...size, seed: 8 }).page(startMs, startMs + hourMs).impressions).not.toEqual(joined);
  });

  it('clicks as often as the true probabilities say', () => {
    const expected = sum(page.impressions, ({ trueProbability }) => trueProbability);
    const deviation = Math.sqrt(sum(page.impressions, ({ trueProbability: p }) => p * (1 - p)));
    const clicks = page.impressions.filter(({ clickDelayMs }) => clickDelayMs !== null).length;
    expect(Math.abs(clicks - expected)).toBeLessThan(4 * deviation);
  });

  it('delays clicks by half a minute, and one in a hundred beyond the hour', () => {
    const delays = page.impressions.flatMap(({ clickDelayMs }) => clickDelayMs ?? []).toSorted((a, b) => a - b);
    expect(delays.length).toBeGreaterThan(300);
    expect(delays[0]).toBeGreaterThan(0);
    expect(delays[Math.floor(delays.length / 2)]).toBeGreaterThan(15_000);
    expect(delays[Math.floor(delays.length / 2)]).toBeLessThan(40_000);
    expect(delays.filter((delay) => delay > hourMs).length / delays.length).toBeLessThan(0.03);
  });

  it('shows ads that no row of the months has shown', () => {
    const launched = new Map(new World(size).creatives.map(({ id, launchMs }) => [id, launchMs]));
    const lastHour = traffic.page(traffic.endMs - hourMs, traffic.endMs).impressions;
    expect(lastHour.some(({ creativeId }) => launched.get(creativeId)! > startMs)).toBe(true);
    expect(lastHour.every(({ creativeId, timeMs }) => launched.get(creativeId)! <= timeMs)).toBe(true);
  });

  it('has the picture of every ad, and says which ad it does not know', async () => {
    const image = traffic.image(page.impressions[0]!.creativeId);
    expect((await sharp(image).metadata()).width).toBe(64);
    expect(() => traffic.image('none')).toThrow(new RangeError('the catalogue holds no creative none'));
  });

  it('refuses times outside the live days', () => {
    expect(() => traffic.page(startMs - 1, startMs)).toThrow(RangeError);
    expect(() => traffic.page(startMs, traffic.endMs + 1)).toThrow(RangeError);
  });
});

describe('a drift', () => {
  const atMs = startMs + hourMs;
  const drifted = (kind: 'both' | 'mix' | 'taste'): readonly LiveImpression[] =>
    new LiveTraffic({ ...size, drift: { atMs, kind } }).page(startMs, startMs + 4 * hourMs).impressions;
  const plain = new LiveTraffic(size).page(startMs, startMs + 4 * hourMs).impressions;

  it.each(['both', 'mix', 'taste'] as const)('of kind %s changes nothing before its time', (kind) => {
    const before = (rows: readonly LiveImpression[]): readonly LiveImpression[] =>
      rows.filter(({ timeMs }) => timeMs < atMs);
    expect(before(drifted(kind))).toEqual(before(plain));
  });

  it('moves its share of the traffic to a site that was never there', () => {
    const after = drifted('both').filter(({ timeMs }) => timeMs >= atMs);
    const share = after.filter(({ columns }) => columns['site'] === 'clips.example').length / after.length;
    expect(Math.abs(share - driftShare)).toBeLessThan(4 * Math.sqrt((driftShare * (1 - driftShare)) / after.length));
    expect(plain.some(({ columns }) => columns['site'] === 'clips.example')).toBe(false);
    expect(drifted('taste').some(({ columns }) => columns['site'] === 'clips.example')).toBe(false);
  });

  it('turns what the picture does into its opposite on the new site, and leaves the other sites', () => {
    const world = new World(size);
    const random = new Random(1, 'spec');
    const drift = driftEffect({ atMs });
    let turned = 0;
    for (let row = 0; row < 500; row++) {
      const seen = world.impression(random, atMs, 9, row, drift);
      const appeal = visualAppeal(seen.creative.visual, viewingOf(seen.viewing));
      const sign = seen.site.name === 'clips.example' ? -1 : 1;
      if (sign < 0) turned++;
      expect(seen.imageLogit - seen.plainLogit).toBeCloseTo(sign * appeal, 10);
    }
    expect(turned).toBeGreaterThan(200);
  });

  it('refuses a strength outside its range', () => {
    expect(() => driftEffect({ atMs, strength: 1.5 })).toThrow(
      new RangeError('drift strength must be in (0, 1], got 1.5'),
    );
  });
});

describe('streamWorld', () => {
  it('yields the same impressions as pages do, no sooner than the clock allows', async () => {
    const began = performance.now();
    const got: LiveImpression[] = [];
    for await (const page of streamWorld({ ...size, speed: 6000, pageMs: 20, endMs: startMs + 10 * 60_000 }))
      got.push(...page.impressions);
    expect(performance.now() - began).toBeGreaterThan(95);
    expect(got).toEqual(new LiveTraffic(size).page(startMs, startMs + 10 * 60_000).impressions);
  });

  it('ends when told to', async () => {
    const controller = new AbortController();
    let pages = 0;
    for await (const page of streamWorld({ ...size, pageMs: 5, signal: controller.signal })) {
      pages += page.impressions.length > 0 ? 1 : 0;
      controller.abort();
    }
    expect(pages).toBe(1);
  });
});

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
