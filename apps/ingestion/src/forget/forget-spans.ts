import { ownsArtifacts } from '@adstocrat/artifact-folders';
import type { Jobs } from '@adstocrat/jobs';
import type { SpanRecord } from '@adstocrat/metadata';
import type { Person } from '@adstocrat/service-kit';
import { removeSpanJob } from '../clean/remove-span-job.ts';
import type { ImageSweeps } from '../images/image-sweeps.ts';
import { packFiles } from '../images/pack-files.ts';
import { packParts } from '../images/write-pack.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { type ForgottenRows, taken } from './forgotten-rows.ts';
import { rewriteSpan } from './rewrite-span.ts';

/** A span that held a person's rows. */
export interface TouchedSpan {
  readonly record: SpanRecord;
  readonly rows: ForgottenRows;
  /** Digests of images that no row of it shows but theirs. */
  readonly images: ReadonlySet<string>;
}

/**
 * Takes a person's rows out of every span of every task. A span that has some keeps its number and its data's digest, and lies in
 * another folder from one transaction on, which also asks for the removal of the old one: who reads that meanwhile begins again.
 */
export async function forgetSpans(
  dependencies: IngestDependencies & { readonly jobs: Jobs; readonly sweeps: Pick<ImageSweeps, 'spanRemoved'> },
  person: Person,
  options: {
    readonly dryRun: boolean;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, total: number) => void;
  },
): Promise<readonly TouchedSpan[]> {
  const { metadata, jobs, sweeps, logger } = dependencies;
  const { dryRun, signal, onProgress } = options;
  const records: SpanRecord[] = [];
  for (const { name } of await metadata.listTasks()) records.push(...(await metadata.listSpans(name)));
  const touched: TouchedSpan[] = [];
  for (const [index, record] of records.entries()) {
    onProgress(index, records.length);
    signal.throwIfAborted();
    const startedAtMs = Date.now();
    const { found, images, rewritten } = await rewriteSpan(dependencies, record, person, { dryRun, signal });
    if (found === 0) continue;
    const { task, span, uri } = record;
    touched.push({ record, rows: taken(`${record.kind} span ${span} of ${task}`, found, dryRun), images });
    if (rewritten === undefined) continue;
    // Before the span is another one: who is killed in between finds its rows again, and after that what is to go is known.
    await giveUp(dependencies, [...images]);
    await jobs.transaction(async (transaction) => {
      // Removed, or rewritten by another, meanwhile: there is nothing to put in its place.
      if (!(await metadata.removeSpan(record, transaction))) return;
      // It names fewer images than it did.
      if (images.size > 0) await sweeps.spanRemoved(uri, transaction);
      await metadata.putSpan(rewritten, transaction);
      await metadata.putExecution(
        {
          id: `forget/${rewritten.uri}`,
          kind: 'ingest',
          inputs: [uri],
          outputs: [rewritten.uri],
          facts: { forgottenRows: found },
          startedAtMs,
          endedAtMs: Date.now(),
        },
        transaction,
      );
      await jobs.request(
        { kind: removeSpanJob, key: uri, payload: { uri, root: 'span.json' }, by: `forget/${uri}` },
        transaction,
      );
    });
    logger.info({ task, span, rows: found }, 'rows of a person are taken out of a span');
  }
  return touched;
}

/**
 * Says of images that they go once no span names them; where a release before packs kept a file of its own, it is packed first. One that
 * stays is looked at again when no span names it.
 */
async function giveUp(dependencies: IngestDependencies, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return;
  const { metadata, store, artifactsUrl, imageMarks } = dependencies;
  // Another installation's spans may name such a file, and its packs hold none of what this one's registry says.
  if (await ownsArtifacts(store, artifactsUrl, await metadata.installation()))
    await packFiles(packParts(dependencies), imageMarks, digests, { areUnnamed: false });
  await metadata.images.forget(digests);
}
