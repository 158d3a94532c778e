import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exampleEngines } from '@adstocrat/adapters';
import type { NamedColumn } from '@adstocrat/example-engine';
import { reservedColumns, splits } from '@adstocrat/examples';
import { startSail, startSpark } from '@adstocrat/spark';
import { atMost, type BenchReport } from './bench-report.ts';
import { writeClickLog } from './click-log.ts';

/** What an engine made of the rows. */
interface Made {
  readonly seconds: number;
  /** SHA-256 of the Parquet file of each split, of rows and positives, of the statistics of the rows to train on. */
  readonly digest: string;
}

const engines: Readonly<Record<string, () => Promise<{ readonly url: string; stop(): Promise<void> }>>> = {
  duckdb: () => Promise.resolve({ url: 'duckdb:', stop: () => Promise.resolve() }),
  sail: startSail,
  spark: startSpark,
};

/**
 * The same files, 2M rows (`--rows N`) of 20 columns, to the rows, splits and statistics of a span, on DuckDB, Sail and Spark `local[2]`. Seconds
 * from the first file to the last, without the server's start; what each made must be the same.
 */
export async function spark(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string', default: '2000000' } } });
  const rows = Number(values.rows);
  if (!(rows >= 1000)) throw new RangeError(`--rows is a number of at least 1000, got "${values.rows}"`);
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-spark-'));
  try {
    await writeClickLog(folder, rows, 7);
    const made = new Map<string, Made>();
    for (const [name, start] of Object.entries(engines)) {
      const server = await start();
      try {
        made.set(name, await span(server.url, folder));
      } finally {
        await server.stop();
      }
      console.error(`${name}: ${made.get(name)?.seconds.toFixed(1)} s, sha256 ${made.get(name)?.digest}`);
    }
    const all = [...made.values()];
    const differing = new Set(all.map(({ digest }) => digest)).size - 1;
    const peers = [...made].filter(([name]) => name !== 'duckdb');
    return {
      bench: 'spark',
      figures: { rows, columns: 20, duckdbS: made.get('duckdb')?.seconds ?? NaN },
      peers: Object.fromEntries(peers.map(([name, { seconds }]) => [name, { seconds }])),
      bars: [atMost('digests that differ', differing, 0)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const columns: readonly NamedColumn[] = [
  ...Array.from({ length: 9 }, (_, index) => ({ name: `c${index}`, type: 'string' as const })),
  ...Array.from({ length: 8 }, (_, index) => ({ name: `n${index}`, type: 'float' as const })),
];

async function span(url: string, folder: string): Promise<Made> {
  const workDir = join(folder, 'work');
  const startedAt = performance.now();
  const engine = await exampleEngines(url)({ workDir });
  const hash = createHash('sha256');
  try {
    const scan = await engine.scan([{ path: join(folder, 'part-000.csv'), name: 'part-000.csv' }]);
    const { table } = await engine.prepare(scan.table, {
      columns,
      label: { column: 'clicked', positive: ['1'], negative: ['0'] },
      id: 'row',
      eventTime: { column: 'at', format: 'iso-8601' },
    });
    const parts = await engine.split(table, { by: 'hash', column: reservedColumns.id, test: 0.2, validation: 0.1 });
    hash.update(JSON.stringify(await engine.describe(parts.train, columns)));
    for (const split of splits) {
      hash.update(JSON.stringify([await engine.count(parts[split]), await engine.positives(parts[split])]));
      const path = join(workDir, `${split}.parquet`);
      await engine.writeParquet(parts[split], path);
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    }
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
  return { seconds: (performance.now() - startedAt) / 1000, digest: hash.digest('hex') };
}
