import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { startFakeGcs } from '@adstocrat/fake-gcs';
import { atMost, type BenchReport } from '../bench-report.ts';
import { IngestionProcess } from './ingestion-process.ts';
import { writeImages } from './write-images.ts';

const task = (examples: string): string =>
  `name: ${examples}\ndata: {examples: ["${examples}.csv"]}\nlabel: clicked\nimage: {column: pic, base: img}\n`;

/**
 * What memory a service takes for images that lie in a bucket of the emulator: its peak after a tenth of them, and after all. Fetched anew,
 * the tenth is kept once.
 */
export async function imagesOfBucket(count: number, side: number): Promise<BenchReport> {
  if (!(count >= 100 && side > 0)) throw new RangeError('--images is at least 100 of a bucket, --sides above 0');
  const root = mkdtempSync(join(tmpdir(), 'adstocrat-bench-images-'));
  try {
    await writeImages(join(root, 'data'), count, side);
    const bucket = await startFakeGcs({ root: join(root, 'buckets') });
    try {
      await bucket.makeBucket('ads');
      await upload(join(root, 'data'), bucket.url);
      console.error(`${count} images are in the bucket`);
      await using service = await IngestionProcess.start(join(root, 'home'), { STORAGE_EMULATOR_HOST: bucket.url });
      const tenth = await service.ingest(task('tenth'), 'gs://ads');
      console.error(`a tenth: ${tenth.wallS.toFixed(0)} s, peak ${tenth.peakMiB.toFixed(0)} MiB`);
      const all = await service.ingest(task('rows'), 'gs://ads');
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
        atMost('peak of all to that of a tenth', all.peakMiB / tenth.peakMiB, 1.15),
      ];
      return { bench: 'images', figures, peers: {}, bars };
    } finally {
      await bucket.stop();
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Every file below a folder as an object of its relative path. */
async function upload(folder: string, url: string): Promise<void> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).values();
  const worker = async (): Promise<void> => {
    for (const path of paths) {
      const name = encodeURIComponent(relative(folder, path));
      const response = await fetch(`${url}/upload/storage/v1/b/ads/o?uploadType=media&name=${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: readFileSync(path),
      });
      if (!response.ok) throw new Error(`uploading ${name}: HTTP ${response.status}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
