import { describe, expect, it } from 'vitest';
import { zoneCells } from '../testing.ts';
import { readTime } from './read-time.ts';
import { Zone } from './zone.ts';

describe('a zone', () => {
  it.each(zoneCells)('%s: %s %s', (zone, format, cell, utc) => {
    const ms = readTime(cell, format, Zone.of(zone));
    expect(Number.isNaN(ms) ? 'none' : new Date(ms).toISOString()).toBe(utc);
  });

  it('is known by its name alone', () => {
    expect(['Europe/Berlin', 'UTC', 'America/New_York'].map((name) => Zone.isName(name))).toEqual([true, true, true]);
    expect(['Mars/Olympus', '+02:00', '', 'Berlin'].map((name) => Zone.isName(name))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(() => Zone.of('Mars/Olympus')).toThrow(RangeError);
  });

  it('gives every instant back from what its clock shows, but for the second of two', () => {
    const zone = Zone.of('America/New_York');
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'America/New_York',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    const twice: string[] = [];
    for (let ms = Date.UTC(2025, 0, 1); ms < Date.UTC(2026, 0, 1); ms += 1_800_000) {
      const read = readTime(clock.format(ms), 'iso-8601', zone);
      if (read !== ms) twice.push(`${new Date(ms).toISOString()} ${(ms - read) / 3_600_000}`);
    }
    // From 2 o'clock back to 1: the two half hours after the change are taken for those before.
    expect(twice).toEqual(['2025-11-02T06:00:00.000Z 1', '2025-11-02T06:30:00.000Z 1']);
  });
});
