import { ArtifactNotFound, type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import type { SpanManifest } from '@adstocrat/examples';
import type { Jobs } from '@adstocrat/jobs';
import type { Metadata, SpanRecord } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { ImageSweeps } from '../images/image-sweeps.ts';
import { neededSpans } from './needed-spans.ts';
import { type JudgedSpan, type Keeping, planClean, type SizedSpan } from './plan-clean.ts';
import { removeSpanJob } from './remove-span-job.ts';

export interface CleanParts {
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly jobs: Jobs;
  readonly sweeps: Pick<ImageSweeps, 'spanRemoved'>;
  readonly logger: Logger;
}

/** What became of the spans beyond what is kept. */
export interface Cleaned {
  readonly going: readonly JudgedSpan[];
  readonly staying: readonly JudgedSpan[];
}

/**
 * Removes the spans of every task that nothing needs and that are beyond what is kept; `dryRun`: says which, and does nothing. A span is
 * no longer recorded from one transaction on, which also asks for the removal of its files: two that clean at once remove it once, and
 * one that is killed leaves nothing behind. Data that is asked for again becomes a span again.
 */
export async function cleanSpans(
  { metadata, store, jobs, sweeps, logger }: CleanParts,
  { keeping, dryRun }: { readonly keeping: Keeping; readonly dryRun: boolean },
): Promise<Cleaned> {
  const [going, staying]: [JudgedSpan[], JudgedSpan[]] = [[], []];
  for (const { name } of await metadata.listTasks()) {
    const spans = await metadata.listSpans(name);
    const needed = await neededSpans({ metadata, jobs }, name, spans);
    const plan = planClean(await sized(store, spans), needed, keeping, Date.now());
    staying.push(...plan.staying);
    for (const one of plan.going)
      if (dryRun || (await removed({ metadata, jobs, sweeps }, one.record))) going.push(one);
  }
  if (!dryRun && going.length > 0)
    logger.info({ spans: going.map(({ record }) => record.uri) }, 'spans that nothing needs are removed');
  return { going, staying };
}

/** False where another has removed it meanwhile. */
function removed(
  { metadata, jobs, sweeps }: Pick<CleanParts, 'metadata' | 'jobs' | 'sweeps'>,
  span: SpanRecord,
): Promise<boolean> {
  const { uri } = span;
  return jobs.transaction(async (transaction) => {
    if (!(await metadata.removeSpan(span, transaction))) return false;
    if (span.images > 0) await sweeps.spanRemoved(uri, transaction);
    await jobs.request(
      { kind: removeSpanJob, key: uri, payload: { uri, root: 'span.json' }, by: `clean/${uri}` },
      transaction,
    );
    return true;
  });
}

async function sized(store: ArtifactStore, spans: readonly SpanRecord[]): Promise<readonly SizedSpan[]> {
  const found: SizedSpan[] = [];
  for (const record of spans) found.push({ record, bytes: await bytesOf(store, record) });
  return found;
}

/** As its root says; 0 where the files are gone. */
async function bytesOf(store: ArtifactStore, { uri }: SpanRecord): Promise<number> {
  try {
    const { files } = await readJson<SpanManifest>(store, joinUri(uri, 'span.json'));
    return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  } catch (error) {
    if (error instanceof ArtifactNotFound) return 0;
    throw error;
  }
}
