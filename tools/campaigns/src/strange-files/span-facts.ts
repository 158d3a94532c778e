import { openArtifactStore } from '@adstocrat/adapters';
import { joinUri, readJson, readText } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { SpanManifest } from '@adstocrat/examples';
import type { ingestion } from '@adstocrat/schemas';
import type { SpanStatistics } from '@adstocrat/statistics';

/** What became of a drop. */
export interface SpanFacts {
  readonly span: ingestion.Span;
  readonly manifest: SpanManifest;
  readonly schema: DataSchema;
  readonly statistics: SpanStatistics;
  /** `file,line,reason`, as whoever looks for a row reads it. */
  readonly rejects: string;
}

/** Reads a span as another service does: from its folder. */
export async function spanFacts(span: ingestion.Span): Promise<SpanFacts> {
  const store = await openArtifactStore(span.uri);
  const at = (name: string): string => joinUri(span.uri, name);
  const [manifest, schema, statistics, rejects] = await Promise.all([
    readJson<SpanManifest>(store, at('span.json')),
    readJson<DataSchema>(store, at('data-schema.json')),
    readJson<SpanStatistics>(store, at('statistics.json')),
    readText(store, at('rejects.csv')),
  ]);
  return { span, manifest, schema, statistics, rejects };
}
