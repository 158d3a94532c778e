import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport, median } from '../bench-report.ts';
import { imagesOfBucket } from './images-of-bucket.ts';
import { IngestionProcess } from './ingestion-process.ts';
import { writeImages } from './write-images.ts';

interface Seconds {
  readonly cpuS: number;
  readonly wallS: number;
}

/** The same rows twice: what the images cost is the difference. */
const task = (name: string, more = ''): string =>
  `name: ${name}\ndata: {examples: ["rows.csv"]}\nlabel: clicked\n${more}`;
const image = 'image: {column: pic, base: img}\n';

/**
 * What it costs to check, hash and keep images of rows: `--images 2000 --sides 64,512`, JPEG of so many pixels a side, each another.
 * Beside sharp alone, which reads and decodes the same files. `--rounds 5`: by turns, each of other images; medians. `--bucket`: what
 * memory they take that come from a bucket.
 */
export async function images(args: readonly string[]): Promise<BenchReport> {
  const options = {
    images: { type: 'string', default: '2000' },
    sides: { type: 'string', default: '64,512' },
    rounds: { type: 'string', default: '5' },
    bucket: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [count, rounds] = [Number(values.images), Number(values.rounds)];
  if (values.bucket) return imagesOfBucket(count, Number(values.sides.split(',')[0]));
  const figures: Record<string, number> = {};
  const peer: Record<string, number> = {};
  const bars: Bar[] = [];
  const root = mkdtempSync(join(tmpdir(), 'adstocrat-bench-images-'));
  try {
    for (const side of values.sides.split(',').map(Number)) {
      if (!(count > 0 && side > 0 && rounds > 0))
        throw new RangeError('--images, --sides and --rounds are numbers above 0');
      const folder = join(root, String(side));
      const { ours, alone, peakMiB, fileUs } = await byTurns(folder, { count, side, rounds });
      const times = median(ours.map(({ cpuS }, round) => cpuS / (alone[round]?.cpuS ?? NaN)));
      Object.assign(figures, {
        [`${side}.perCpuS`]: median(ours.map(({ cpuS }) => count / cpuS)),
        [`${side}.perS`]: median(ours.map(({ wallS }) => count / wallS)),
        [`${side}.peakMiB`]: peakMiB,
        [`${side}.fileUs`]: fileUs,
      });
      Object.assign(peer, {
        [`${side}.perCpuS`]: median(alone.map(({ cpuS }) => count / cpuS)),
        [`${side}.perS`]: median(alone.map(({ wallS }) => count / wallS)),
      });
      bars.push(atMost(`${side}: CPU, times that of sharp alone`, times, 1 / 0.8));
    }
  } finally {
    // All at the end: files that were just removed can make those that come after them several times dearer.
    rmSync(root, { recursive: true, force: true });
  }
  return { bench: 'images', figures, peers: { sharp: peer }, bars };
}

/** Rounds of ingestion and of sharp alone on the same files, which no round before had; who is first changes. */
async function byTurns(
  folder: string,
  { count, side, rounds }: { readonly count: number; readonly side: number; readonly rounds: number },
): Promise<{
  readonly ours: readonly Seconds[];
  readonly alone: readonly Seconds[];
  readonly peakMiB: number;
  readonly fileUs: number;
}> {
  const [ours, alone]: [Seconds[], Seconds[]] = [[], []];
  let peakMiB = 0;
  mkdirSync(folder);
  const fileUs = costOfFile(join(folder, 'files'));
  await using service = await IngestionProcess.start(join(folder, 'home'));
  for (let round = 0; round < rounds; round += 1) {
    const data = join(folder, `data-${round}`);
    await writeImages(data, { count, side, from: round * count });
    const uri = pathToFileURL(data).href;
    // The first span of a process is dearer than the others.
    if (round === 0) await service.ingest(task('first'), uri);
    const turns = [
      async () => {
        const plain = await service.ingest(task(`plain-${round}`), uri);
        const shown = await service.ingest(task(`shown-${round}`, image), uri);
        if (shown.span.rejectedImages > 0) throw new Error(`${shown.span.rejectedImages} images were set aside`);
        ours.push({ cpuS: shown.cpuS - plain.cpuS, wallS: shown.wallS - plain.wallS });
        peakMiB = shown.peakMiB;
      },
      () => Promise.resolve(alone.push(sharpAlone(join(data, 'img')))),
    ];
    if (round % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
    const each = ({ cpuS }: Seconds | undefined = { cpuS: NaN, wallS: NaN }): string => (count / cpuS).toFixed(0);
    console.error(
      `${side}, round ${round + 1} of ${rounds}: ${each(ours.at(-1))} images a CPU-second, sharp alone ${each(alone.at(-1))}; to create a file takes ${fileUs.toFixed(0)} µs here`,
    );
  }
  return { ours, alone, peakMiB, fileUs };
}

/** What the disk takes to create a small file, wall µs: the median of 20 lots of 10. It differs by 20 times from folder to folder. */
function costOfFile(folder: string): number {
  mkdirSync(folder);
  const lots = Array.from({ length: 20 }, (_, lot) => {
    const beganMs = performance.now();
    for (let index = 0; index < 10; index += 1) writeFileSync(join(folder, `${lot}-${index}`), 'file');
    return ((performance.now() - beganMs) * 1000) / 10;
  });
  return median(lots);
}

function sharpAlone(folder: string): Seconds {
  const script = resolve(import.meta.dirname, 'sharp-alone.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`sharp alone failed: ${stderr}`);
  return JSON.parse(stdout) as Seconds;
}
