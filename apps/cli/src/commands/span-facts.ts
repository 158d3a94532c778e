import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import { ExitError } from '../exit-error.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface SpanFactsOptions extends SystemChoice {
  readonly task: string;
  readonly span?: number;
  readonly json?: boolean;
}

/** Shows a span's statistics or data schema. */
export async function spanFacts(kind: 'statistics' | 'schema', options: SpanFactsOptions): Promise<void> {
  await using system = await systemFor(options);
  const metadata = await openMetadata(system.databaseUrl);
  try {
    const spans = await metadata.listSpans(options.task);
    const span = options.span === undefined ? spans.at(-1) : spans.find((one) => one.span === options.span);
    if (span === undefined) {
      const known =
        spans.length === 0
          ? `task "${options.task}" has no spans`
          : `spans of ${options.task}: ${spans.map((one) => one.span).join(', ')}`;
      throw new ExitError(1, `no such span; ${known}`);
    }
    const store = await openArtifactStore(system.artifactsUrl);
    const file = kind === 'schema' ? 'data-schema.json' : 'statistics.json';
    const content = await readJson<DataSchema | Record<string, unknown>>(store, joinUri(span.uri, file));
    if (options.json === true) {
      console.log(JSON.stringify(content));
      return;
    }
    console.log(
      `${options.task} span ${span.span} (${span.kind}): ${span.trainRows} train, ${span.validationRows} validation, ${span.testRows} test rows`,
    );
    for (const anomaly of span.anomalies) console.log(`anomaly: ${anomaly}`);
    console.table(rowsOf(content));
  } finally {
    await metadata.close();
  }
}

/** One row a column, scalar facts only. */
function rowsOf(content: DataSchema | Record<string, unknown>): Record<string, Record<string, unknown>> {
  const columns = (content as { readonly columns?: unknown }).columns;
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(columns)
    ? columns.map((column: { readonly name?: string }, index) => [column.name ?? String(index), column] as const)
    : Object.entries((columns ?? content) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, facts]) => [
      name,
      Object.fromEntries(
        Object.entries(facts as Record<string, unknown>)
          .filter(([key, value]) => key !== 'name' && ['string', 'number', 'boolean'].includes(typeof value))
          .map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(6)) : value]),
      ),
    ]),
  );
}
