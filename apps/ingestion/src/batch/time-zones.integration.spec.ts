import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-time-zones-'));
const data = join(folder, 'data');
const rows = 120;
const minute = 60_000;
/** Every 30 minutes from here: over the hour that clocks in St. John's skip on the 8th of March 2026, from 2:00 on. */
const first = Date.UTC(2026, 2, 7, 0, 30);
const times = Array.from({ length: rows }, (_, row) => first + 30 * minute * row);
const months = ['Mar', 'Apr'];

/** `YYYY MM DD hh mm ss` of a moment by the clock of UTC. */
const parts = (ms: number): readonly string[] => new Date(ms).toISOString().split(/\D/);

/** The same times as each format has them, a file and a task each. */
const formats: Readonly<Record<string, (ms: number) => string>> = {
  'iso-8601': (ms) => new Date(ms).toISOString().slice(0, 19).replace('T', ' '),
  'mm/dd/yyyy': (ms) => {
    const [year, month, day, hour, minutes] = parts(ms);
    const half = Number(hour) < 12 ? 'AM' : 'PM';
    return `${month}/${day}/${year} ${Number(hour) % 12 || 12}:${minutes} ${half}`;
  },
  'dd.mm.yy': (ms) => {
    const [year = '', month, day, hour, minutes] = parts(ms);
    return `${day}.${month}.${year.slice(2)} ${hour}:${minutes}`;
  },
  'yyyy/mm/dd': (ms) => new Date(ms).toISOString().slice(0, 16).replaceAll('-', '/').replace('T', ' '),
  'month-name': (ms) => {
    const [year, month, day, hour, minutes, seconds] = parts(ms);
    return `${day}/${months[Number(month) - 3]}/${year}:${hour}:${minutes}:${seconds}`;
  },
  'rfc-2822': (ms) => {
    const [year, month, day, hour, minutes, seconds] = parts(ms);
    return `${day} ${months[Number(month) - 3]} ${year} ${hour}:${minutes}:${seconds} GMT`;
  },
};
const nameOf = (format: string): string => format.replaceAll(/[/.]/g, '-');
const taskOf = (name: string, file: string, format: string): string =>
  `name: ${name}\ndata: {examples: [${file}]}\nlabel: y\neventTime: at\ntimeFormat: ${format}\n`;
const tasks = [
  ...Object.keys(formats).map((format) => taskOf(nameOf(format), `${nameOf(format)}.csv`, format)),
  ...['stamp', 'zoned', 'day'].map((name) => taskOf(name, `${name}.parquet`, 'iso-8601')),
];

beforeAll(async () => {
  mkdirSync(data);
  for (const [format, written] of Object.entries(formats)) {
    const lines = times.map((ms, row) => `${written(ms)},${written(ms)},${row % 7},${row % 3 === 0 ? 1 : 0}`);
    writeFileSync(join(data, `${nameOf(format)}.csv`), ['at,also,n,y', ...lines].join('\n'));
  }
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  for (const [name, type] of [
    ['stamp', 'TIMESTAMP'],
    ['zoned', 'TIMESTAMPTZ'],
    ['day', 'DATE'],
  ]) {
    const moment = `(to_timestamp(${first / 1000} + 1800 * i) AT TIME ZONE 'UTC')`;
    const at = type === 'TIMESTAMPTZ' ? `to_timestamp(${first / 1000} + 1800 * i)` : `${moment}::${type}`;
    await connection.run(
      `COPY (SELECT ${at} AS at, ${moment}::TIME AS clock, i % 7 AS n, (i % 3 = 0)::INTEGER AS y FROM range(${rows}) t(i))
       TO '${join(data, `${name}.parquet`)}' (FORMAT parquet)`,
    );
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Told {
  readonly offset: number;
  readonly spans: readonly {
    readonly task: string;
    readonly digest: string;
    readonly rejected: number;
    readonly timeRangeMs: readonly [number, number];
  }[];
}

/** What a process whose clock is of a zone makes of the files. */
async function ingestedIn(zone: string): Promise<Told> {
  const database = await testDatabase();
  const fixture = fileURLToPath(new URL('../testing/time-zone.fixture.ts', import.meta.url));
  const own = join(folder, zone.replaceAll('/', '-'));
  mkdirSync(own);
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@adstocrat/source', fixture, database.url, own, pathToFileURL(data).href, ...tasks],
      { env: { ...process.env, TZ: zone } },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
  } finally {
    await database.drop();
  }
}

describe('ingestion on a machine of another time zone', () => {
  it('makes the same spans, digest by digest, as one of UTC', { timeout: 300_000 }, async () => {
    const utc = await ingestedIn('UTC');
    expect(utc.offset).toBe(0);
    const [from, to] = [times[0] ?? NaN, times.at(-1) ?? NaN];
    const midnight = (ms: number): number => Math.floor(ms / (1440 * minute)) * 1440 * minute;
    for (const { task, rejected, timeRangeMs } of utc.spans) {
      const due = task === 'day' ? [midnight(from), midnight(to)] : [from, to];
      expect({ task, rejected, timeRangeMs }).toEqual({ task, rejected: 0, timeRangeMs: due });
    }
    expect(utc.spans).toHaveLength(tasks.length);
    // Minutes west of UTC, in January.
    for (const [zone, offset] of [
      ['Asia/Kathmandu', -345],
      ['America/St_Johns', 210],
    ] as const)
      expect(await ingestedIn(zone)).toEqual({ ...utc, offset });
  });
});
