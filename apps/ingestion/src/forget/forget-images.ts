import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownsArtifacts } from '@adstocrat/artifact-folders';
import type { Jobs } from '@adstocrat/jobs';
import { FailedPrecondition } from '@adstocrat/service-kit';
import { askForSweep } from '../images/ask-for-sweep.ts';
import type { ImageSweeps } from '../images/image-sweeps.ts';
import { digestsOf, fetchIndex, spansWithImages, UnreadableSpan } from '../images/named-images.ts';
import { packFiles } from '../images/pack-files.ts';
import { withEngine } from '../images/unnamed-images.ts';
import { packParts } from '../images/write-pack.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import type { TouchedSpan } from './forget-spans.ts';
import { type ForgottenRows, taken } from './forgotten-rows.ts';

const place = 'images that only these rows showed';
/** Wall milliseconds from when they were written in which other images stay that the sweep comes upon. */
const graceMs = 86_400_000;

export interface ForgetImagesParts extends IngestDependencies {
  readonly jobs: Jobs;
  readonly sweeps: ImageSweeps;
}

/**
 * Removes the images that no span shows since a person's rows were taken out, of this time or of one that was killed: by a sweep, which
 * waits for spans in the making and then goes on by itself.
 */
export async function forgetImages(
  parts: ForgetImagesParts,
  touched: readonly TouchedSpan[],
  options: { readonly dryRun: boolean; readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<ForgottenRows> {
  const { metadata, store, artifactsUrl, jobs, sweeps, imageMarks } = parts;
  const { dryRun, signal, onProgress } = options;
  const wanted = new Set(await metadata.images.forgotten());
  for (const { images } of touched) for (const sha256 of images) wanted.add(sha256);
  const left = (found: number, left: number, why: string): ForgottenRows => ({ place, found, left, why });
  if (wanted.size === 0) return taken(place, 0, dryRun);
  let going: ReadonlySet<string> = wanted;
  try {
    going = await unnamedOf(parts, wanted, dryRun ? touched : [], signal);
    if (going.size === 0 || dryRun) return taken(place, going.size, dryRun);
    if (!(await ownsArtifacts(store, artifactsUrl, await metadata.installation())))
      return left(going.size, going.size, `${artifactsUrl} belongs to another installation: they are removed there`);
    const files = await packFiles(packParts(parts), imageMarks, [...going], { areUnnamed: true });
    await metadata.images.forget([...going].filter((sha256) => files.has(sha256)));
    const why = await sweepFor(jobs, sweeps, { graceMs, signal, onProgress });
    const kept = new Set(files.keys());
    for (const sha256 of await metadata.images.forgotten()) if (going.has(sha256)) kept.add(sha256);
    if (kept.size === 0) return taken(place, going.size, false);
    const [file] = files.values();
    return left(going.size, kept.size, file?.message ?? why);
  } catch (error) {
    if (!(error instanceof UnreadableSpan || error instanceof FailedPrecondition)) throw error;
    return left(going.size, going.size, error.message);
  }
}

/** Asks for a sweep. Resolves with why it may have left something. */
async function sweepFor(jobs: Jobs, sweeps: ImageSweeps, asked: Parameters<typeof askForSweep>[2]): Promise<string> {
  try {
    const { why } = await askForSweep(jobs, sweeps.openAnew.bind(sweeps), asked);
    return `${why === '' ? 'another sweep is at them' : why}; they go by themselves after that`;
  } catch (error) {
    if (!(error instanceof FailedPrecondition)) throw error;
    return error.message;
  }
}

/** Those of the images that no recorded span names, but those of the touched ones that still name what only the rows show. */
async function unnamedOf(
  parts: ForgetImagesParts,
  wanted: ReadonlySet<string>,
  touched: readonly TouchedSpan[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const lost = new Map(touched.map(({ record, images }) => [record.uri, images]));
  const unnamed = new Set(wanted);
  return withEngine(parts, signal, async (engine, workDir) => {
    for (const [index, span] of (await spansWithImages(parts)).entries()) {
      signal.throwIfAborted();
      const folder = join(workDir, `index-${index}`);
      mkdirSync(folder);
      const path = await fetchIndex(parts, span, folder);
      if (path === undefined) continue;
      for await (const digests of digestsOf(engine, await engine.openParquet([path])))
        for (const sha256 of digests) if (lost.get(span.uri)?.has(sha256) !== true) unnamed.delete(sha256);
    }
    return unnamed;
  });
}
