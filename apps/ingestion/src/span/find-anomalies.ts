import { type ColumnSchema, type DataSchema, jensenShannonBits } from '@adstocrat/data-validation';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';

/** How a span departs from the one before it. An error keeps training from it. */
export interface Anomaly {
  readonly severity: 'error' | 'warning';
  readonly column: string;
  readonly message: string;
}

/** Jensen–Shannon divergence between two spans above which a column is said to have drifted. */
const driftBits = 0.1;
/** Share of rows outside the known domain above which it is said. */
const unseenShare = 0.01;

/** Compares a span with the schema and statistics of the span before it. */
export function findAnomalies(
  before: { readonly schema: DataSchema; readonly statistics: SpanStatistics },
  now: { readonly schema: DataSchema; readonly statistics: SpanStatistics },
): readonly Anomaly[] {
  const anomalies: Anomaly[] = [];
  const add = (severity: Anomaly['severity'], column: string, message: string): void => {
    anomalies.push({ severity, column, message: `${column}: ${message}` });
  };
  for (const known of before.schema.columns) {
    if (known.role === 'label' || known.role === 'ignored') continue;
    const column = now.schema.columns.find(({ name }) => name === known.name);
    const statistics = now.statistics.columns.find(({ name }) => name === known.name);
    if (column === undefined || statistics === undefined) add('error', known.name, 'the column is gone');
    else if (known.type === 'string' ? column.type !== 'string' : column.type === 'string')
      add('error', known.name, `the type was ${known.type} and is ${column.type}`);
    else
      compareColumn(
        known,
        statistics,
        before.statistics.columns.find(({ name }) => name === known.name),
        now.statistics.rows,
        add,
      );
  }
  for (const { name } of now.schema.columns) {
    if (!before.schema.columns.some((known) => known.name === name)) add('warning', name, 'a new column');
  }
  return anomalies;
}

function compareColumn(
  known: ColumnSchema,
  now: ColumnStatistics,
  before: ColumnStatistics | undefined,
  rows: number,
  add: (severity: Anomaly['severity'], column: string, message: string) => void,
): void {
  const presence = rows === 0 ? 0 : now.present / rows;
  if (presence < known.minPresence) {
    add(
      presence === 0 ? 'error' : 'warning',
      known.name,
      `present in ${percent(presence)} of the rows, expected at least ${percent(known.minPresence)}`,
    );
  }
  const top = now.categorical?.top;
  if (known.domain !== undefined && top !== undefined) {
    const domain = new Set(known.domain);
    const unseen = top.filter(({ value }) => !domain.has(value));
    const share = unseen.reduce((sum, { count }) => sum + count, 0) / Math.max(1, now.present);
    if (share > unseenShare)
      add(
        'warning',
        known.name,
        `${percent(share)} of the values were never seen before, for example "${unseen[0]?.value ?? ''}"`,
      );
  }
  if (
    known.role !== 'feature' ||
    top === undefined ||
    before?.categorical === undefined ||
    now.present === 0 ||
    before.present === 0
  )
    return;
  if (before.categorical.distinct > before.categorical.top.length || now.categorical?.distinct !== top.length) return;
  // A column whose values nearly all differ has no distribution to compare.
  if (top.length > 0.05 * now.present) return;
  const histogram = (terms: ColumnStatistics['categorical']): Map<string, number> =>
    new Map(terms?.top.map(({ value, count }) => [value, count]));
  const bits = jensenShannonBits(histogram(before.categorical), histogram(now.categorical));
  if (bits > driftBits)
    add('warning', known.name, `drifted by ${bits.toFixed(3)} bits (Jensen–Shannon), the limit is ${driftBits}`);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
