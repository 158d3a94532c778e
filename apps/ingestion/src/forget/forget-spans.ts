import { DamagedArtifact } from '@adstocrat/artifact-folders';
import type { Metadata, SpanRecord } from '@adstocrat/metadata';
import type { Person } from '@adstocrat/service-kit';
import { type ForgottenRows, taken, unreadable } from './forgotten-rows.ts';
import { type ReplaceSpanParts, replaceSpan } from './replace-span.ts';
import { type PersonInSpan, rewriteSpan } from './rewrite-span.ts';

/** What a span is called in what is told. */
export const placeOf = ({ kind, span, task }: SpanRecord): string => `${kind} span ${span} of ${task}`;

/** A span that held a person's rows. */
export interface TouchedSpan {
  readonly record: SpanRecord;
  readonly rows: ForgottenRows;
  /** Digests of images that no row of it shows but theirs, in a dry run: else the registry has them. */
  readonly images: ReadonlySet<string>;
  /** Its rows cannot be read: whose images it shows is not known. */
  readonly isUnreadable: boolean;
}

/** Looks for spans that were recorded since the one before, at most. */
const mostLooks = 10;

/**
 * Takes a person's rows out of every span of every task that is not in `seen`, of those that are recorded meanwhile as well, and puts them
 * there. A span that has some keeps its number and its data's digest, and lies in another folder from one transaction on, which also asks
 * for the removal of the old one: who reads that meanwhile begins again. One that cannot be read is left, and said to be. Not up to date
 * where spans come as fast as they are looked at.
 */
export async function forgetSpans(
  parts: ReplaceSpanParts,
  person: Person,
  options: {
    readonly dryRun: boolean;
    readonly signal: AbortSignal;
    /** URIs of spans that were looked at, and of what they became. */
    readonly seen: Set<string>;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<{ readonly touched: readonly TouchedSpan[]; readonly isUpToDate: boolean }> {
  const { dryRun, signal, seen, onProgress } = options;
  const touched: TouchedSpan[] = [];
  let done = 0;
  for (let look = 0; ; look += 1) {
    const records = (await allSpans(parts.metadata)).filter(({ uri }) => !seen.has(uri));
    if (records.length === 0) return { touched, isUpToDate: true };
    if (look === mostLooks) return { touched, isUpToDate: false };
    const total = done + records.length;
    for (const record of records) {
      onProgress(done, total);
      done += 1;
      signal.throwIfAborted();
      seen.add(record.uri);
      const startedAtMs = Date.now();
      const there = await personIn(parts, record, person, { dryRun, signal });
      if (there === undefined) continue;
      const { rows, found, images, rewritten, isUnreadable } = there;
      if (found > 0) touched.push({ record, rows, images: dryRun ? images : new Set(), isUnreadable });
      if (rewritten === undefined) continue;
      await replaceSpan(parts, record, rewritten, { images, found, startedAtMs });
      seen.add(rewritten.uri);
      const { task, span } = record;
      parts.logger.info({ task, span, rows: found }, 'rows of a person are taken out of a span');
    }
  }
}

async function allSpans(metadata: Metadata): Promise<readonly SpanRecord[]> {
  const records: SpanRecord[] = [];
  for (const { name } of await metadata.listTasks()) records.push(...(await metadata.listSpans(name)));
  return records;
}

/** What a span holds of a person. Undefined where it is not recorded any more. */
async function personIn(
  parts: ReplaceSpanParts,
  record: SpanRecord,
  person: Person,
  options: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<(PersonInSpan & Pick<TouchedSpan, 'rows' | 'isUnreadable'>) | undefined> {
  try {
    const there = await rewriteSpan(parts, record, person, options);
    return { ...there, rows: taken(placeOf(record), there.found, options.dryRun), isUnreadable: false };
  } catch (error) {
    if (!(error instanceof DamagedArtifact)) throw error;
    const { task, span, uri } = record;
    if ((await parts.metadata.getSpan(task, span))?.uri !== uri) return undefined;
    const rows = unreadable(placeOf(record), error);
    return { rows, found: 1, images: new Set(), rewritten: undefined, isUnreadable: true };
  }
}
