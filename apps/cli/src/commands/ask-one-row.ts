import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactStore, openExampleEngine } from '@adstocrat/adapters';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import { type DataSchema, servingColumns } from '@adstocrat/data-validation';
import type { SpanManifest } from '@adstocrat/examples';
import type { ingestion } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { askedAgain } from '../system/calls.ts';
import { inputsOf, predict } from '../system/predict-request.ts';
import type { SystemInUse } from './system-for.ts';
import { waitUntilServed } from './wait-until-served.ts';

/** Sends the span's first held-out row to serving as a client would. */
export async function askOneRow(
  system: SystemInUse,
  span: ingestion.Span,
): Promise<{ readonly version: number; readonly score: number }> {
  const store = await openArtifactStore(system.artifactsUrl);
  const manifest = await readRoot<SpanManifest>(store, span.uri, 'span.json', span.digest);
  const schema = await readJson<DataSchema>(store, joinUri(span.uri, 'data-schema.json'));
  const part = Object.entries(manifest.files).find(([path]) => path.startsWith('examples/test/'));
  if (part === undefined) throw new ExitError(1, `span ${span.span} has no held-out examples to ask about`);
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-row-'));
  const engine = await openExampleEngine({ workDir: folder });
  try {
    const [path, file] = part;
    const relation = await engine.openParquet(await fetchByManifest(store, span.uri, { [path]: file }, folder));
    const columns = servingColumns(schema).map(({ name }) => name);
    for await (const batch of engine.batches(relation, { columns, batchRows: 1 })) {
      const { version, scores } = await askedAgain(async () => {
        await waitUntilServed(system.clients, span.task);
        return predict(system.clients, span.task, inputsOf(batch.columns), { log: false, waitForReady: true });
      });
      const score = scores[0];
      if (score === undefined || !(score >= 0 && score <= 1))
        throw new ExitError(1, `serving answered ${String(score)}, which is no probability`);
      return { version, score };
    }
    throw new ExitError(1, `${path} of span ${span.span} is empty`);
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
