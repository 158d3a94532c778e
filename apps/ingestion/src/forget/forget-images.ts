import { ownsArtifacts } from '@adstocrat/artifact-folders';
import type { Jobs } from '@adstocrat/jobs';
import type { SpanRecord } from '@adstocrat/metadata';
import { FailedPrecondition } from '@adstocrat/service-kit';
import { askForSweep } from '../images/ask-for-sweep.ts';
import type { ImageSweeps } from '../images/image-sweeps.ts';
import { spansWithImages, UnreadableSpan } from '../images/named-images.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import { countUnnamed, recallNamed, recallShown } from './forgotten-images.ts';
import { placeOf, type TouchedSpan } from './forget-spans.ts';
import { type ForgottenRows, taken } from './forgotten-rows.ts';

const place = 'images that only these rows showed';
/** Wall milliseconds from when they were written in which other images stay that the sweep comes upon. */
const graceMs = 86_400_000;
/** Sweeps that are asked for, where spans that were begun meanwhile took images up from the one before. */
const mostSweeps = 3;

/** A span, and how many images it shows that were to be forgotten. */
interface ShownBy {
  readonly span: SpanRecord;
  readonly images: number;
}

export interface ForgetImagesParts extends IngestDependencies {
  readonly jobs: Jobs;
  readonly sweeps: ImageSweeps;
}

interface ForgetImagesOptions {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/**
 * Removes the images that no span shows since a person's rows were taken out, of this time or of one that was killed: by a sweep, which
 * waits for spans in the making and then goes on by itself. What it says is left is so at its end. Images that are to be forgotten and
 * that spans show are kept as any others from then on. `seen`: the spans whose rows were looked at; another that shows some is named.
 */
export async function forgetImages(
  parts: ForgetImagesParts,
  { touched, seen }: { readonly touched: readonly TouchedSpan[]; readonly seen: ReadonlySet<string> },
  options: ForgetImagesOptions,
): Promise<ForgottenRows> {
  const { metadata, store, artifactsUrl } = parts;
  const { dryRun, signal } = options;
  const before = await countOf(metadata.images.forgotten());
  if (before === 0 && touched.every(({ images }) => images.size === 0)) return taken(place, 0, dryRun);
  let found: number | undefined;
  const shown: ShownBy[] = [];
  const told = async (words: readonly string[]): Promise<ForgottenRows> => {
    const left = (await countOf(metadata.images.forgotten())) + imagesOf(shown);
    const those = shown.map(({ span, images }) => `${placeOf(span)} shows ${images} of them by now`);
    return { place, found: found ?? left, left, why: [...those, ...words].filter((word) => word !== '').join('; ') };
  };
  try {
    const spans = await spansWithImages(parts);
    if (dryRun) return taken(place, await countUnnamed(parts, spans, touched, signal), true);
    const isOwner = await ownsArtifacts(store, artifactsUrl, await metadata.installation());
    // First of those whose rows nobody has looked at: what they show is theirs, whatever it was.
    const late = spans.filter(({ uri }) => !seen.has(uri));
    await recallLate(parts, late, shown, signal);
    const unreadable = new Set(touched.filter(({ isUnreadable }) => isUnreadable).map(({ record }) => record.uri));
    const { unnamed, doubtful, file } = await recallNamed(parts, spans, { isOwner, unreadable }, signal);
    found = unnamed + doubtful + imagesOf(shown);
    if (found === 0) return taken(place, 0, false);
    if (!isOwner)
      throw new FailedPrecondition(`${artifactsUrl} belongs to another installation: they are removed there`);
    const why = await sweepAway(parts, spans, shown, options);
    const words = doubtful > 0 ? [`${doubtful} of them lie in spans whose rows cannot be read`] : [];
    const isLeft = await isAny(metadata.images.forgotten());
    return await told(isLeft ? [...words, ...new Set([file?.message ?? why, why])] : words);
  } catch (error) {
    if (!(error instanceof UnreadableSpan || error instanceof FailedPrecondition)) throw error;
    return told([error.message]);
  }
}

/** Sweeps, and looks at spans that were recorded meanwhile, which `shown` then has. Resolves with why something may be left else. */
async function sweepAway(
  parts: ForgetImagesParts,
  spans: readonly SpanRecord[],
  shown: ShownBy[],
  { signal, onProgress }: ForgetImagesOptions,
): Promise<string> {
  const known = new Set(spans.map(({ uri }) => uri));
  for (let sweeps = 1; ; sweeps += 1) {
    const why = await sweepFor(parts, { graceMs, signal, onProgress });
    const fresh = (await spansWithImages(parts)).filter(({ uri }) => !known.has(uri));
    for (const { uri } of fresh) known.add(uri);
    await recallLate(parts, fresh, shown, signal);
    if (why !== '' || !(await isAny(parts.metadata.images.forgotten()))) return why;
    if (sweeps === mostSweeps) return 'spans that were begun meanwhile took them up: ask again when they have ended';
  }
}

/** Has images that are to be forgotten and that these spans show be so no more. `shown` then has those of the spans that show any. */
async function recallLate(
  parts: ForgetImagesParts,
  spans: readonly SpanRecord[],
  shown: ShownBy[],
  signal: AbortSignal,
): Promise<void> {
  for (const span of spans) {
    const images = await recallShown(parts, [span], signal);
    if (images > 0) shown.push({ span, images });
  }
}

function imagesOf(shown: readonly ShownBy[]): number {
  return shown.reduce((sum, { images }) => sum + images, 0);
}

/** Asks for a sweep. Resolves with why it may have left something. */
async function sweepFor(
  { jobs, sweeps }: ForgetImagesParts,
  asked: Parameters<typeof askForSweep>[2],
): Promise<string> {
  try {
    const { why } = await askForSweep(jobs, sweeps.openAnew.bind(sweeps), asked);
    return why === '' ? '' : `${why}; those that none names then go by themselves`;
  } catch (error) {
    if (!(error instanceof FailedPrecondition)) throw error;
    return error.message;
  }
}

async function countOf(values: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of values) count += 1;
  return count;
}

async function isAny(values: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of values) return true;
  return false;
}
