import { describe, expect, it } from 'vitest';
import type { Column } from '@adstocrat/examples';
import { events } from '@adstocrat/schemas';
import { graphOf } from '@adstocrat/transforms';
import type { AnsweredRows } from './answered-rows.ts';
import { namesOf, predictionEvent } from './prediction-event.ts';
import { RecordEncoder } from './record-encoder.ts';

const servedAtMs = Date.UTC(2026, 3, 2);

function rowsOf(columns: Readonly<Record<string, Column>>, change: Partial<AnsweredRows> = {}): AnsweredRows {
  const names = Object.keys(columns);
  const rows = Object.values(columns)[0]?.values.length ?? 0;
  return {
    model: 'ads',
    version: 7,
    servable: {
      schema: {
        version: 1,
        columns: names.map((name) => ({
          name,
          type: columns[name]?.type ?? 'string',
          role: name === 'shown_at' ? 'eventTime' : name === 'secret' ? 'ignored' : 'feature',
          minPresence: 0,
        })),
      },
      manifest: { roles: { eventTime: 'shown_at' } } as unknown as AnsweredRows['servable']['manifest'],
      transform: graphOf([]),
    },
    batch: { rows, columns: new Map(Object.entries(columns)) },
    scores: Float32Array.from({ length: rows }, (_, row) => row / 8),
    predictionIds: Array.from({ length: rows }, (_, row) => `p-${row}`),
    ...change,
  };
}

/** What the generated code, another implementation, reads of each row. */
function decoded(rows: AnsweredRows): readonly events.PredictionMade[] {
  const encoder = new RecordEncoder(rows, servedAtMs + 0.4);
  return rows.predictionIds.map((_, row) => events.PredictionMade.decode(encoder.encode(row).subarray(8)));
}

const strings = (...values: readonly (string | null)[]): Column => ({ type: 'string', values });
const floats = (...values: readonly number[]): Column => ({ type: 'float', values: Float64Array.from(values) });
const integers = (...values: readonly number[]): Column => ({ type: 'integer', values: Float64Array.from(values) });

describe('RecordEncoder', () => {
  it('writes what the generated code reads', () => {
    const rows = rowsOf(
      {
        site: strings('news', 'spiel·文字·🎈', 'x'.repeat(20_000)),
        'a name of more than one hundred and twenty-seven bytes, as a stranger may give it to the column of his file, is a name like any other':
          strings('a', 'b', 'c'),
        price: floats(1.5, -1e300, 0),
        clicks: integers(-1, 2 ** 53 - 1, -(2 ** 53 - 1)),
        secret: strings('never', 'never', 'never'),
      },
      { digests: ['ab'.repeat(32), '', ''] },
    );
    const long = Object.keys(Object.fromEntries(rows.batch.columns))[1] ?? '';
    const expected = [
      { site: { text: 'news' }, [long]: { text: 'a' }, price: { number: 1.5 }, clicks: { integer: -1 } },
      {
        site: { text: 'spiel·文字·🎈' },
        [long]: { text: 'b' },
        price: { number: -1e300 },
        clicks: { integer: 2 ** 53 - 1 },
      },
      {
        site: { text: 'x'.repeat(20_000) },
        [long]: { text: 'c' },
        price: { number: 0 },
        clicks: { integer: -(2 ** 53 - 1) },
      },
    ];
    expect(decoded(rows)).toEqual(
      expected.map((features, row) => ({
        predictionId: `p-${row}`,
        model: 'ads',
        version: 7,
        score: row / 8,
        features,
        servedAtMs,
        eventTimeMs: servedAtMs,
        imageDigest: row === 0 ? 'ab'.repeat(32) : '',
      })),
    );
  });

  it('leaves out what is missing, and integers that a number does not hold exactly stay numbers', () => {
    const rows = rowsOf({ site: strings(null, ''), price: floats(NaN, 2), clicks: integers(2 ** 60, NaN) });
    expect(decoded(rows).map(({ features }) => features)).toEqual([
      { clicks: { number: 2 ** 60 } },
      { price: { number: 2 } },
    ]);
  });

  it.each([
    ['2026-04-01T00:00:00Z', Date.UTC(2026, 3, 1)],
    ['1970-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['1969-12-31T23:59:59Z', servedAtMs],
    ['soon', servedAtMs],
    ['', servedAtMs],
    [null, servedAtMs],
  ])('takes the event time %s for %d', (shownAt, eventTimeMs) => {
    const [made] = decoded(rowsOf({ shown_at: strings(shownAt) }));
    expect(made?.eventTimeMs).toBe(eventTimeMs);
  });

  it.each([
    // Two hours ahead of UTC in summer; what says its zone is not touched.
    ['2026-07-31 12:00:00', Date.UTC(2026, 6, 31, 10)],
    ['2026-07-31T12:00:00Z', Date.UTC(2026, 6, 31, 12)],
  ])('takes the event time %s by the clock of the task’s zone', (shownAt, eventTimeMs) => {
    const rows = rowsOf({ shown_at: strings(shownAt) });
    const roles = { eventTime: 'shown_at', zone: 'Europe/Berlin' };
    const manifest = { ...rows.servable.manifest, roles };
    const [made] = decoded({ ...rows, servable: { ...rows.servable, manifest } });
    expect(made?.eventTimeMs).toBe(eventTimeMs);
  });

  it.each([-1, NaN, Infinity, -Infinity, 1e300, 253_402_300_800_000])(
    'takes %d for no event time: the row was served when it was served',
    (shownAt) => {
      const [made] = decoded(rowsOf({ shown_at: floats(shownAt) }));
      expect(made?.eventTimeMs).toBe(servedAtMs);
    },
  );
});

describe('predictionEvent', () => {
  const recordOf = (predictionId: string, model = 'ads'): Buffer =>
    new RecordEncoder(rowsOf({ site: strings('news') }, { predictionIds: [predictionId], model }), servedAtMs).encode(
      0,
    );

  it('names the event by model and id, so that what is told again is one event', () => {
    const record = recordOf('p,1 ü');
    expect(namesOf(record)).toEqual({ predictionId: 'p,1 ü', model: 'ads' });
    const event = predictionEvent(record);
    expect(event).toMatchObject({
      id: 'prediction.made/ads/p,1 ü',
      key: 'p,1 ü',
      source: 'serving',
      timeMs: servedAtMs,
    });
    expect(events.PredictionMade.decode(event.event).predictionId).toBe('p,1 ü');
  });

  it('names it by a digest where the name would be longer than an id may be', () => {
    const longest = 'ü'.repeat(128);
    const { id, key } = predictionEvent(recordOf(longest));
    expect(key).toBe(longest);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(predictionEvent(recordOf(longest, 'bids')).id).not.toBe(id);
  });
});
