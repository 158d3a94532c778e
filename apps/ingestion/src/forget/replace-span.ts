import { ownsArtifacts } from '@adstocrat/artifact-folders';
import type { Jobs } from '@adstocrat/jobs';
import type { SpanRecord } from '@adstocrat/metadata';
import type { ImageSweeps } from '../images/image-sweeps.ts';
import { packLotForgotten } from '../images/take-files.ts';
import { packParts } from '../images/write-pack.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { takePlace } from './forgotten-folders.ts';
import type { RewriteSpanParts } from './rewrite-span.ts';

export interface ReplaceSpanParts extends RewriteSpanParts {
  readonly jobs: Jobs;
  readonly sweeps: Pick<ImageSweeps, 'spanRemoved'>;
}

/** Has a span be what was written of it without some rows, and asks for the removal of the old folder. `images`: digests that only these rows showed. */
export async function replaceSpan(
  parts: ReplaceSpanParts,
  record: SpanRecord,
  rewritten: SpanRecord,
  {
    images,
    found,
    startedAtMs,
  }: { readonly images: ReadonlySet<string>; readonly found: number; readonly startedAtMs: number },
): Promise<void> {
  const { metadata, jobs, sweeps } = parts;
  const { uri } = record;
  // Before the span is another one: who is killed in between finds its rows again, and after that what is to go is known.
  await giveUp(parts, [...images]);
  await jobs.transaction(async (transaction) => {
    // Removed, or rewritten by another, meanwhile: there is nothing to put in its place, and what was written goes.
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
    await takePlace(jobs, { uri, root: 'span.json', by: rewritten.uri }, transaction);
  });
}

/** Says of images that they go once no span names them. Files of before packs that stay are looked at again when none does. */
async function giveUp(dependencies: IngestDependencies, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return;
  const { metadata, store, artifactsUrl, imageMarks } = dependencies;
  // Another installation's spans may name such a file, and its packs hold none of what this one's registry says.
  if (await ownsArtifacts(store, artifactsUrl, await metadata.installation()))
    await packLotForgotten(packParts(dependencies), imageMarks, digests, { areUnnamed: false });
  else await metadata.images.forget(digests);
}
