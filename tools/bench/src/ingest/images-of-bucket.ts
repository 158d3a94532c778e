import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ObjectServer, serveObjects } from '@adstocrat/fake-gcs';
import { atMost, type BenchReport } from '../bench-report.ts';
import { IngestionProcess } from './ingestion-process.ts';
import { MadeImages } from './made-images.ts';
import { rowsOf } from './write-images.ts';

const task = (name: string): string =>
  `name: ${name}\ndata: {examples: ["rows.csv"]}\nlabel: clicked\nimage: {column: pic, base: img}\n`;

/**
 * What memory a service takes for images that lie in a bucket: its peak after a tenth of them, and after all. Rows are as many both times,
 * as they take memory too, and contents are others.
 */
export async function imagesOfBucket(count: number, side: number): Promise<BenchReport> {
  if (!(count >= 100 && side > 0)) throw new RangeError('--images is at least 100 of a bucket, --sides above 0');
  const root = mkdtempSync(join(tmpdir(), 'adstocrat-bench-images-'));
  try {
    await using bucket = await bucketOf(count, side);
    await using service = await IngestionProcess.start(join(root, 'home'), { STORAGE_EMULATOR_HOST: bucket.url });
    const tenth = await service.ingest(task('tenth'), 'gs://ads/tenth');
    console.error(`a tenth: ${tenth.wallS.toFixed(0)} s, peak ${tenth.peakMiB.toFixed(0)} MiB`);
    const all = await service.ingest(task('all'), 'gs://ads/all');
    const setAside = Number(tenth.span.rejectedImages) + Number(all.span.rejectedImages);
    const figures = {
      images: count,
      tenthPeakMiB: tenth.peakMiB,
      peakMiB: all.peakMiB,
      perS: count / all.wallS,
      perServiceCpuS: count / all.serviceCpuS,
    };
    const bars = [
      atMost('images set aside', setAside, 0),
      atMost(
        'images that are not there',
        count + Math.ceil(count / 10) - Number(tenth.span.images) - Number(all.span.images),
        0,
      ),
      atMost('peak of all to that of a tenth', all.peakMiB / tenth.peakMiB, 1.15),
    ];
    return { bench: 'images', figures, peers: {}, bars };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Prefixes `tenth` and `all`: as many rows each, and the images that they name. */
async function bucketOf(count: number, side: number): Promise<ObjectServer> {
  const tenth = Math.ceil(count / 10);
  const images = await MadeImages.of(count + tenth, side);
  const rows = new Map<string, Uint8Array>();
  const names: string[] = [];
  for (const { prefix, from, many } of [
    { prefix: 'all', from: 0, many: count },
    { prefix: 'tenth', from: count, many: tenth },
  ]) {
    const pictures = Array.from({ length: many }, (_, index) => `${String(from + index).padStart(9, '0')}.jpg`);
    for (const one of pictures) names.push(`${prefix}/img/${one}`);
    names.push(`${prefix}/rows.csv`);
    const shown = Array.from({ length: count }, (_, row) => pictures[row % many] ?? '');
    rows.set(`${prefix}/rows.csv`, Buffer.from(rowsOf(shown)));
  }
  const numberOf = (name: string): number => Number.parseInt(name.slice(name.lastIndexOf('/') + 1), 10);
  return serveObjects('ads', { names, bytesOf: (name) => rows.get(name) ?? images.bytesOf(numberOf(name)) });
}
