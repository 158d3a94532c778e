import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, type BenchReport, median } from './bench-report.ts';
import { writeClickLog } from './click-log.ts';
import { measureCommand } from './measured-process.ts';

const rows = 100_000;
const runs = 3;

/**
 * CSV to served model: 100,000 rows × 20 columns, 65 training steps of 1,024, PostgreSQL and five services started and
 * stopped each time. CPU is that of all processes. No peer runs from the same packages: TFX 1.16's local runner, measured
 * once on two cores with the same rows and steps, took 1,106 s and 231 CPU-seconds.
 */
export async function loop(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-'));
  try {
    const data = join(folder, 'data');
    await writeClickLog(data, rows, 20_260_101);
    const task = join(folder, 'task.yaml');
    writeFileSync(
      task,
      'name: bench-loop\ndata: {examples: ["*.csv"]}\nlabel: clicked\nid: row\neventTime: at\ntraining: {batchSize: 1024, maxSteps: 65}\n',
    );
    const walls: number[] = [];
    const cpus: number[] = [];
    const aucs: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const home = join(folder, `home-${run}`);
      const measured = await measureCommand([
        'run',
        '--home',
        home,
        '--free-ports',
        '--data',
        data,
        '--task',
        task,
        '--once',
        '--json',
      ]);
      if (measured.code !== 0) throw new Error(`the loop ended with ${measured.code}:\n${measured.stderr}`);
      const answer = JSON.parse(measured.stdout.trim().split('\n').at(-1) ?? '') as {
        readonly rows: number;
        readonly testAuc: number;
      };
      if (answer.rows !== rows) throw new Error(`${answer.rows} rows arrived, ${rows} were written`);
      walls.push(measured.wallS);
      cpus.push(measured.cpuS);
      aucs.push(answer.testAuc);
      console.error(
        `run ${run + 1} of ${runs}: ${measured.wallS.toFixed(1)} s wall, ${measured.cpuS.toFixed(1)} CPU-seconds`,
      );
    }
    const [wallS, cpuS] = [median(walls), median(cpus)];
    return {
      bench: 'loop',
      figures: { rows, columns: 20, steps: 65, wallS, cpuS, testAuc: median(aucs) },
      peers: {},
      bars: [atMost('wallS', wallS, 60), atMost('cpuS', cpuS, 80)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
