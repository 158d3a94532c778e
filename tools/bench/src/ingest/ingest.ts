import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { spawnSync } from 'node:child_process';
import { atMost, type Bar, type BenchReport } from '../bench-report.ts';
import { writeClickLog } from '../click-log.ts';
import { descendantsCpuS } from '../process-tree.ts';
import { bytesBelow } from './bytes-below.ts';
import { type Cost, IngestionProcess } from './ingestion-process.ts';

/** Rows of a file, about 40 MB. */
const fileRows = 250_000;
const task = `name: clicks
data: {examples: ["part-*.csv"], tables: [{path: brands.csv, key: c4}]}
label: clicked
`;

/**
 * What it costs to take a click log of 20 columns with a joined table into a span: `--rows 1000000,20000000`, each by a process of its own. Beside
 * DuckDB alone: CSV joined and written as Parquet, without a check, a type, a split or a statistic.
 */
export async function ingest(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string', default: '1000000,20000000' } } });
  const counts = values.rows.split(',').map(Number);
  if (!counts.every((rows) => rows > 0)) throw new RangeError(`--rows is numbers of rows, got "${values.rows}"`);
  const figures: Record<string, number> = {};
  const duckdb: Record<string, number> = {};
  const bars: Bar[] = [];
  const costs: number[] = [];
  for (const rows of counts) {
    const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-ingest-'));
    try {
      const data = join(folder, 'data');
      await writeDrop(data, rows);
      const inputMiB = bytesBelow(data) / 2 ** 20;
      const cost = await costOf(folder, data);
      costs.push((cost.cpuS * 1e6) / rows);
      const alone = duckDbAlone(data, join(folder, 'alone.parquet'));
      const mine = {
        rowsPerCpuS: rows / cost.cpuS,
        wallS: cost.wallS,
        peakMiB: cost.peakMiB,
        inputMiB,
        scratchToInput: cost.scratchMiB / inputMiB,
      };
      for (const [name, value] of Object.entries(mine)) figures[`${rows}.${name}`] = value;
      duckdb[`${rows}.rowsPerCpuS`] = rows / alone.cpuS;
      duckdb[`${rows}.wallS`] = alone.wallS;
      bars.push(
        atMost(`${rows}: µs of CPU a row`, (cost.cpuS * 1e6) / rows, 10),
        atMost(`${rows}: peak MiB`, cost.peakMiB, 1536),
        atMost(`${rows}: scratch to input`, cost.scratchMiB / inputMiB, 1.3),
      );
      console.error(
        `${rows} rows: ${(rows / cost.cpuS).toFixed(0)} a CPU-second, ${cost.wallS.toFixed(0)} s; DuckDB alone ${(rows / alone.cpuS).toFixed(0)}`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  if (costs.length > 1) bars.push(atMost('most to least cost a row', Math.max(...costs) / Math.min(...costs), 1.1));
  return { bench: 'ingest', figures, peers: { duckdb }, bars };
}

async function writeDrop(folder: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += fileRows)
    await writeClickLog(folder, Math.min(fileRows, rows - from), 20_260_101, {
      number: from / fileRows,
      from,
      of: rows,
    });
  const brands = Array.from({ length: 500 }, (_, brand) => `v${brand},b${brand % 40},${(brand % 90) / 10}`);
  writeFileSync(join(folder, 'brands.csv'), `c4,brand,margin\n${brands.join('\n')}\n`);
}

async function costOf(folder: string, data: string): Promise<Cost> {
  await using process_ = await IngestionProcess.start(join(folder, 'home'));
  const cost = await process_.ingest(task, pathToFileURL(data).href);
  if (cost.span.rejectedRows > 0) throw new Error(`${cost.span.rejectedRows} rows of the log were set aside`);
  return cost;
}

function duckDbAlone(data: string, to: string): { readonly cpuS: number; readonly wallS: number } {
  const [beganMs, beforeS] = [performance.now(), descendantsCpuS()];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@adstocrat/source', resolve(import.meta.dirname, 'duckdb-alone.ts'), data, to],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`DuckDB alone failed: ${stderr}`);
  return { cpuS: descendantsCpuS() - beforeS, wallS: (performance.now() - beganMs) / 1000 };
}
