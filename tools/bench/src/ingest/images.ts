import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { atMost, type Bar, type BenchReport, median } from '../bench-report.ts';
import { imagesOfBucket } from './images-of-bucket.ts';
import { type Cost, IngestionProcess } from './ingestion-process.ts';
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
 * Beside sharp alone, which reads and decodes the same files. `--bucket`: what memory they take that come from a bucket.
 */
export async function images(args: readonly string[]): Promise<BenchReport> {
  const options = {
    images: { type: 'string', default: '2000' },
    sides: { type: 'string', default: '64,512' },
    bucket: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const count = Number(values.images);
  if (values.bucket) return imagesOfBucket(count, Number(values.sides.split(',')[0]));
  const figures: Record<string, number> = {};
  const peer: Record<string, number> = {};
  const bars: Bar[] = [];
  const root = mkdtempSync(join(tmpdir(), 'adstocrat-bench-images-'));
  try {
    for (const side of values.sides.split(',').map(Number)) {
      if (!(count > 0 && side > 0)) throw new RangeError('--images and --sides are numbers above 0');
      const folder = join(root, String(side));
      const data = join(folder, 'data');
      await writeImages(data, count, side);
      const fileUs = costOfFile(join(folder, 'files'));
      const { cpuS, wallS, peakMiB } = await costOf(folder, data);
      const alone = sharpAlone(join(data, 'img'));
      Object.assign(figures, {
        [`${side}.perCpuS`]: count / cpuS,
        [`${side}.perS`]: count / wallS,
        [`${side}.peakMiB`]: peakMiB,
        [`${side}.fileUs`]: fileUs,
      });
      Object.assign(peer, { [`${side}.perCpuS`]: count / alone.cpuS, [`${side}.perS`]: count / alone.wallS });
      bars.push(atMost(`${side}: CPU, times that of sharp alone`, cpuS / alone.cpuS, 1 / 0.8));
      console.error(
        `${side}: ${(count / cpuS).toFixed(0)} images a CPU-second, ${(count / wallS).toFixed(0)} a second; sharp alone ${(count / alone.cpuS).toFixed(0)} and ${(count / alone.wallS).toFixed(0)}; to create a file takes ${fileUs.toFixed(0)} µs here`,
      );
    }
  } finally {
    // All at the end: files that were just removed can make those that come after them several times dearer.
    rmSync(root, { recursive: true, force: true });
  }
  return { bench: 'images', figures, peers: { sharp: peer }, bars };
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

async function costOf(folder: string, data: string): Promise<Seconds & Pick<Cost, 'peakMiB'>> {
  await using service = await IngestionProcess.start(join(folder, 'home'));
  const uri = pathToFileURL(data).href;
  // The first span of a process is dearer than the others.
  await service.ingest(task('first'), uri);
  const plain = await service.ingest(task('plain'), uri);
  const shown = await service.ingest(task('shown', image), uri);
  if (shown.span.rejectedImages > 0) throw new Error(`${shown.span.rejectedImages} images were set aside`);
  return { cpuS: shown.cpuS - plain.cpuS, wallS: shown.wallS - plain.wallS, peakMiB: shown.peakMiB };
}

function sharpAlone(folder: string): Seconds {
  const script = resolve(import.meta.dirname, 'sharp-alone.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`sharp alone failed: ${stderr}`);
  return JSON.parse(stdout) as Seconds;
}
