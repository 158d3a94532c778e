import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { ColumnSchema, DataSchema } from '@adstocrat/data-validation';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
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
    const content = await readJson<DataSchema | SpanStatistics>(store, joinUri(span.uri, file));
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

/** One row a column, the facts that fit on a line; `--json` has them all. */
function rowsOf(content: DataSchema | SpanStatistics): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    content.columns.map((column) => {
      const { name, ...facts } = column;
      return [name, 'role' in facts ? schemaRow(facts) : statisticsRow(facts)];
    }),
  );
}

function schemaRow({ type, role, minPresence, domain, range }: Omit<ColumnSchema, 'name'>): Record<string, unknown> {
  const values = domain === undefined ? '' : shortened(domain.join(', '));
  return {
    type,
    role,
    minPresence,
    values: range === undefined ? values : `${rounded(range[0])} … ${rounded(range[1])}`,
  };
}

function statisticsRow(facts: Omit<ColumnStatistics, 'name'>): Record<string, unknown> {
  const { type, present, missing, numeric, categorical } = facts;
  const top = categorical?.top.slice(0, 3).map(({ value, count }) => `${value} (${count})`);
  return {
    type,
    present,
    missing,
    distinct: categorical?.distinct ?? '',
    mean: numeric === undefined ? '' : rounded(numeric.mean),
    deviation: numeric === undefined ? '' : rounded(numeric.deviation),
    range: numeric === undefined ? '' : `${rounded(numeric.min)} … ${rounded(numeric.max)}`,
    'most frequent': top === undefined ? '' : shortened(top.join(', ')),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(5));
const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
