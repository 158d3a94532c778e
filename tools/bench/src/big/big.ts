import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport } from '../bench-report.ts';
import { measureCommand } from '../measured-process.ts';
import { descendantsMiB } from '../process-tree.ts';
import { writeShards } from './write-shards.ts';

const sampleEveryMs = 500;

/** What one size took. */
interface Run {
  readonly rows: number;
  /** Of all processes at one moment, what they share counted once. */
  readonly peakMiB: number;
  readonly ingestedPerS: number;
  /** From the span to the trained model: fetched, fitted, transformed, searched for one epoch of one model. */
  readonly trainedPerS: number;
  readonly cpuUsARow: number;
}

/**
 * Parquet shards of 20 columns to a served model, trained for one epoch, at two sizes: `--rows SMALL,LARGE`, by default a million and fifty. A row
 * must cost at the large size what it costs at the small one, and memory must not grow with the rows.
 */
export async function big(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string' } } });
  const sizes = (values.rows ?? '1000000,50000000').split(',').map(Number);
  const [small, large] = sizes;
  if (sizes.length !== 2 || !(small! >= 10_000) || !(large! > small!))
    throw new RangeError(`--rows SMALL,LARGE, two numbers of 10,000 and more, got ${String(values.rows)}`);
  const figures: Record<string, number> = {};
  const bars: Bar[] = [];
  const runs: Run[] = [];
  for (const rows of sizes) {
    const run = await measured(rows);
    runs.push(run);
    for (const [name, value] of Object.entries(run)) if (name !== 'rows') figures[`${rows}: ${name}`] = value;
    bars.push(atMost(`${rows}: peakMiB`, run.peakMiB, 3072));
    console.error(
      `${rows.toLocaleString('en')} rows: ${Math.round(run.peakMiB)} MiB at most, ${Math.round(run.ingestedPerS).toLocaleString('en')} rows/s ingested, ${Math.round(run.trainedPerS).toLocaleString('en')} rows/s trained, ${run.cpuUsARow.toFixed(1)} µs CPU a row`,
    );
  }
  const [first, last] = runs as [Run, Run];
  // A rate within a tenth of the small size's.
  bars.push(atMost('trained: time a row, large to small', first.trainedPerS / last.trainedPerS, 1 / 0.9));
  return { bench: 'big', figures, peers: {}, bars };
}

async function measured(rows: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-big-'));
  try {
    const [data, task, home] = ['data', 'task.yaml', 'home'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    console.error(`writing ${rows.toLocaleString('en')} rows`);
    await writeShards(data, rows);
    writeFileSync(
      task,
      'name: big\ndata: {examples: ["*.parquet"]}\nlabel: clicked\nid: row\neventTime: at\nsplit: {by: time, test: 3d, validation: 2d}\ntraining: {budget: 1}\n',
    );
    const begunAt = performance.now();
    const saidAt = new Map<'span' | 'model', number>();
    const onStderr = (text: string): void => {
      if (/^span 1: /m.test(text)) saidAt.set('span', performance.now());
      if (/^model version 1 trained/m.test(text)) saidAt.set('model', performance.now());
    };
    let peakMiB = 0;
    const sampler = setInterval(() => (peakMiB = Math.max(peakMiB, descendantsMiB())), sampleEveryMs);
    const command = ['run', '--home', home, '--free-ports', '--data', data, '--task', task, '--once', '--json'];
    const { code, stdout, stderr, cpuS } = await measureCommand(command, onStderr).finally(() => {
      clearInterval(sampler);
    });
    if (code !== 0) throw new Error(`the run of ${rows} rows ended with ${code}:\n${stderr.slice(-2000)}`);
    const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly rows: number };
    if (answer.rows !== rows) throw new Error(`${answer.rows} rows arrived, ${rows} were written`);
    const [span, model] = [saidAt.get('span') ?? NaN, saidAt.get('model') ?? NaN];
    return {
      rows,
      peakMiB,
      ingestedPerS: (rows * 1000) / (span - begunAt),
      trainedPerS: (rows * 1000) / (model - span),
      cpuUsARow: (cpuS * 1e6) / rows,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
