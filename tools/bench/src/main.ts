// npm run bench -- NAME
import type { BenchReport } from './bench-report.ts';

const benches: Readonly<Record<string, () => Promise<BenchReport>>> = {
  big: async () => (await import('./big/big.ts')).big(process.argv.slice(3)),
  callers: async () => (await import('./callers.ts')).callers(),
  'delayed-clicks': async () => (await import('./delayed/delayed-clicks.ts')).delayedClicks(process.argv.slice(3)),
  images: async () => (await import('./ingest/images.ts')).images(process.argv.slice(3)),
  ingest: async () => (await import('./ingest/ingest.ts')).ingest(process.argv.slice(3)),
  join: async () => (await import('./join.ts')).join(),
  loop: async () => (await import('./loop.ts')).loop(),
  quality: async () => (await import('./quality/quality.ts')).quality(process.argv.slice(3)),
  'prediction-log': async () => (await import('./prediction-log.ts')).predictionLog(),
  overload: async () => (await import('./serving/overload.ts')).overload(process.argv.slice(3)),
  serving: async () => (await import('./serving/serving.ts')).serving(process.argv.slice(3)),
  spark: async () => (await import('./spark.ts')).spark(process.argv.slice(3)),
  swaps: async () => (await import('./serving/swaps.ts')).swaps(process.argv.slice(3)),
  training: async () => (await import('./training/training.ts')).training(process.argv.slice(3)),
  tuning: async () => (await import('./quality/tuning.ts')).tuning(process.argv.slice(3)),
  transforms: async () => (await import('./transforms.ts')).transforms(process.argv.slice(3)),
};

const name = process.argv[2];
const bench = name === undefined ? undefined : benches[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- NAME, with NAME one of: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  const report = await bench();
  console.log(JSON.stringify(report));
  process.exitCode = report.bars.every(({ holds }) => holds) ? 0 : 1;
}
