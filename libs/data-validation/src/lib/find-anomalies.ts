import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import { compareColumn } from './compare-column.ts';
import type { ColumnRole, DataSchema } from './data-schema.ts';

/** How a span departs from those before it. An error keeps training from it. */
export interface Anomaly {
  readonly severity: 'error' | 'warning';
  readonly column: string;
  readonly message: string;
}

/** A span's data, as far as spans are compared. */
export interface DescribedSpan {
  readonly schema: DataSchema;
  readonly statistics: SpanStatistics;
}

/** Standard errors by which the share of positives must move to be said, and the factor. */
const [labelErrors, labelFactor] = [4, 1.5];

/**
 * Compares a span with the one before it. `known`: the schemas of spans further back: a column that not all of them had is an optional
 * one, and may be gone again. `ignored`: columns that the task leaves out, which may be anything. `said`: roles that are not guessed but said by
 * the task: a column that they are taken from, or given to, is read in another way because of it.
 */
export function findAnomalies(
  before: DescribedSpan,
  now: DescribedSpan,
  {
    known = [],
    ignored = new Set(),
    said = new Set(),
  }: {
    readonly known?: readonly DataSchema[];
    readonly ignored?: ReadonlySet<string>;
    readonly said?: ReadonlySet<ColumnRole>;
  } = {},
): readonly Anomaly[] {
  const anomalies: Anomaly[] = [];
  const add = (severity: Anomaly['severity'], column: string, message: string): void => {
    anomalies.push({ severity, column, message: `${column}: ${message}` });
  };
  const statisticsOf = ({ statistics }: DescribedSpan, name: string): ColumnStatistics | undefined =>
    statistics.columns.find((one) => one.name === name);
  for (const column of before.schema.columns) {
    const { name, role } = column;
    if (role === 'label' || role === 'ignored' || ignored.has(name)) continue;
    const [is, was] = [statisticsOf(now, name), statisticsOf(before, name)];
    if (is === undefined) {
      const optional = was?.present === 0 || known.some(({ columns }) => !columns.some((one) => one.name === name));
      if (optional) add('warning', name, 'the column is gone, as it was before');
      else add('error', name, `the column is gone (task.yaml: features: {${name}: ignore} goes on without it)`);
      continue;
    }
    const own = now.schema.columns.find((one) => one.name === name);
    const isAsked =
      own !== undefined &&
      (own.asked !== column.asked || (own.role !== role && (said.has(role) || said.has(own.role))));
    for (const { severity, message } of compareColumn(column, was, is, now.statistics.rows, isAsked))
      add(severity, name, message);
  }
  for (const { name, role } of now.schema.columns)
    if (role !== 'label' && !before.schema.columns.some((column) => column.name === name))
      add('warning', name, 'a new column');
  const label = now.schema.columns.find(({ role }) => role === 'label');
  const moved = labelMoved(before.statistics, now.statistics);
  if (label !== undefined && moved !== undefined) add('warning', label.name, moved);
  return anomalies;
}

/** Two-proportion z-test of the share of positives, unpooled; and a factor, so that large spans do not report what nobody minds. */
function labelMoved(before: SpanStatistics, now: SpanStatistics): string | undefined {
  const [was, is] = [before.positives / before.rows, now.positives / now.rows];
  if (!Number.isFinite(was) || !Number.isFinite(is)) return undefined;
  const error = Math.sqrt((was * (1 - was)) / before.rows + (is * (1 - is)) / now.rows);
  const [low, high] = was < is ? [was, is] : [is, was];
  // The rarer class: .7 → .97 is as much of a change as .3 → .03.
  const factor = Math.max(high / low, (1 - low) / (1 - high));
  if (high - low <= labelErrors * error || factor < labelFactor) return undefined;
  return `${percent(is)} of the rows are positive, ${percent(was)} were before`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
