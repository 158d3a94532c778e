import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { SpanRecord } from '@adstocrat/metadata';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** The newest batch span of a task that nothing is wrong with. */
export async function newestBatchSpan(
  { metadata }: Pick<IngestDependencies, 'metadata'>,
  task: string,
): Promise<SpanRecord | undefined> {
  return (await batchSpans({ metadata }, task)).at(-1);
}

/** Batch spans of a task that nothing is wrong with, oldest first. */
export async function batchSpans(
  { metadata }: Pick<IngestDependencies, 'metadata'>,
  task: string,
): Promise<readonly SpanRecord[]> {
  return (await metadata.listSpans(task)).filter(({ kind, ready }) => kind === 'batch' && ready);
}

/** The schema of that span: what live rows are read by. Undefined where there is none. */
export async function schemaOfDay(
  dependencies: Pick<IngestDependencies, 'metadata' | 'store'>,
  task: string,
): Promise<DataSchema | undefined> {
  const span = await newestBatchSpan(dependencies, task);
  return span && readJson<DataSchema>(dependencies.store, joinUri(span.uri, 'data-schema.json'));
}
