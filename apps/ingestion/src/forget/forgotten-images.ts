import type { SpanRecord } from '@adstocrat/metadata';
import { inLots } from '../images/in-lots.ts';
import { namedImages } from '../images/named-images.ts';
import { digestsOnly, unnamed, withNamed } from '../images/stored-image.ts';
import { packLotForgotten } from '../images/take-files.ts';
import { withEngine } from '../images/unnamed-images.ts';
import { packParts } from '../images/write-pack.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { TouchedSpan } from './forget-spans.ts';

/** Images that are looked at together. */
const lotImages = 4096;

/** How many images would go, of those that are to be forgotten already and those that only a person's rows show. */
export async function countUnnamed(
  parts: IngestDependencies,
  spans: readonly SpanRecord[],
  touched: readonly TouchedSpan[],
  signal: AbortSignal,
): Promise<number> {
  const lost = new Map(touched.map(({ record, images }) => [record.uri, images]));
  const theirs = new Set(touched.flatMap(({ images }) => [...images]));
  const wanted = merged(parts.metadata.images.forgotten(), [...theirs].sort());
  return withEngine(parts, signal, async (engine, folder) => {
    let count = 0;
    const named = namedImages(parts, engine, spans, folder, () => signal.throwIfAborted(), lost);
    for await (const _ of unnamed(digestsOnly(wanted), named)) count += 1;
    return count;
  });
}

/** What became of the images that are to be forgotten. */
export interface Recalled {
  /** That no span names. */
  readonly unnamed: number;
  /** That spans name whose rows cannot be read, and no other. */
  readonly doubtful: number;
  /** Why the file of one of the unnamed stays. */
  readonly file: Error | undefined;
}

/**
 * Looks at all images that are to be forgotten: those that a span names are so no more, unless nobody can read the rows of all that do
 * (`unreadable`, by URI): theirs may be the person's. Of those that none names the bytes come to lie where a sweep reaches them, if they
 * are `isOwner`'s.
 */
export async function recallNamed(
  parts: IngestDependencies,
  spans: readonly SpanRecord[],
  { isOwner, unreadable }: { readonly isOwner: boolean; readonly unreadable: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<Recalled> {
  await recallShown(
    parts,
    spans.filter(({ uri }) => !unreadable.has(uri)),
    signal,
  );
  let [count, doubtful] = [0, 0];
  let file: Error | undefined;
  const unread = spans.filter(({ uri }) => unreadable.has(uri));
  await eachLot(parts, unread, signal, async (named, going) => {
    doubtful += named.length;
    count += going.length;
    if (!isOwner) return;
    const left = await packLotForgotten(packParts(parts), parts.imageMarks, going, { areUnnamed: true });
    file ??= left.values().next().value;
  });
  return { unnamed: count, doubtful, file };
}

/** Of the images that are to be forgotten, those that these spans name are so no more. Resolves with how many these are. */
export async function recallShown(
  parts: IngestDependencies,
  spans: readonly SpanRecord[],
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  if (spans.length === 0) return count;
  await eachLot(parts, spans, signal, async (named) => {
    await parts.metadata.images.recall(named);
    count += named.length;
  });
  return count;
}

/** Digests of the images that are to be forgotten, some at a time: those that the spans name, and the others. */
async function eachLot(
  parts: IngestDependencies,
  spans: readonly SpanRecord[],
  signal: AbortSignal,
  look: (named: readonly string[], others: readonly string[]) => Promise<void>,
): Promise<void> {
  const stop = (): void => signal.throwIfAborted();
  await withEngine(parts, signal, async (engine, folder) => {
    const named = namedImages(parts, engine, spans, folder, stop);
    for await (const lot of inLots(withNamed(digestsOnly(parts.metadata.images.forgotten()), named), lotImages)) {
      stop();
      const [those, others] = [true, false].map((isNamed) =>
        lot.filter((one) => one.isNamed === isNamed).map(({ image }) => image.sha256),
      );
      await look(those ?? [], others ?? []);
    }
  });
}

/** Both ascending: each value once. */
async function* merged(some: AsyncIterable<string>, others: readonly string[]): AsyncGenerator<string> {
  let next = 0;
  for await (const value of some) {
    for (let other = others[next]; other !== undefined && other <= value; other = others[next]) {
      next += 1;
      if (other < value) yield other;
    }
    yield value;
  }
  yield* others.slice(next);
}
