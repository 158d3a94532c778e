import { BadData, checkOneKind, columnsOfDrop, type Rejects, shownRejects } from '@adstocrat/example-engine';
import { cellKinds, mergeFacts, mergeTerms, noDigitTimes, type PartFacts, QuantileSketch } from '@adstocrat/statistics';
import type { PlannedTime } from '../plan/plan-time.ts';
import type { SpanFacts } from '../plan/span-facts.ts';
import type { RejectsSummary, ScannedShard } from './scan-shard.ts';

/**
 * Facts over all shards of a drop, but for its tables. Throws BadData as a scan of all files at once does: no rows in any, two kinds,
 * columns that differ.
 */
export function mergeScans(
  shards: readonly ScannedShard[],
  withheld: boolean,
): Omit<SpanFacts, 'tables' | 'columns'> & { readonly columns: readonly PartFacts[] } {
  const files = shards.flatMap((shard) => shard.files);
  const rows = shards.reduce((sum, shard) => sum + shard.rows, 0);
  checkOneKind(files);
  const headers = shards
    .filter(({ columns }) => columns.length > 0)
    .map((shard) => ({
      name: (shard.files.find((file) => file.rows > 0) ?? shard.files[0])?.name ?? '',
      header: { fields: shard.columns.map(({ name }) => name) },
    }));
  const names = columnsOfDrop(headers, files, withheld);
  if (rows === 0) throw new BadData(noRows(shards, names.length === 0));
  const columns = names.map((name) =>
    mergeFacts(shards.map((shard) => shard.columns.find((one) => one.name === name) ?? absent(name, shard.rows))),
  );
  return {
    rows,
    columns,
    files,
    labels: {
      terms: mergeTerms(shards.map(({ labels }) => labels.terms)),
      distinct: Math.max(...shards.map(({ labels }) => labels.distinct)),
    },
  };
}

function noRows(shards: readonly ScannedShard[], areEmpty: boolean): string {
  const files = shards.flatMap((shard) => shard.files);
  const [why] = shards.flatMap(({ rejects }) => rejects.first);
  return why === undefined && areEmpty
    ? `${files[0]?.name ?? ''} is empty${files.length > 1 ? ', as is every other file' : ''}: a CSV begins with a header line, other files with a row`
    : `no row can be read from ${files.map((file) => file.name).join(', ')}: ${why === undefined ? 'only a header' : `${why.file}:${why.line}: ${why.reason}`}`;
}

/** Of a column that lines of JSON of a shard do not have. */
function absent(name: string, rows: number): PartFacts {
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, kind === 'empty' ? rows : 0])) as PartFacts['cells'];
  return { name, rows, cells, examples: {}, digitTimes: noDigitTimes, distinct: 0, hashes: { distinct: 0, least: [] } };
}

/** Event times at these probabilities; none without an event time. */
export function timesAt(
  shards: readonly ScannedShard[],
  time: PlannedTime | undefined,
  probabilities: readonly number[],
): readonly number[] {
  const parts = shards
    .flatMap(({ times }) => times)
    .filter(({ column, format }) => column === time?.column && format === time.format);
  const all = QuantileSketch.from(parts.map(({ quantiles }) => quantiles));
  return all.count === 0 ? [] : all.quantiles(probabilities);
}

/** What was set aside in all parts, in their order; the rows themselves are a relation of the engine. */
export function mergeRejects(parts: readonly RejectsSummary[], table: Rejects['table']): Rejects {
  const reasons = new Map<string, RejectsSummary['reasons'][number]>();
  for (const one of parts.flatMap((part) => part.reasons)) {
    const key = JSON.stringify([one.reason, one.first.column]);
    const known = reasons.get(key);
    reasons.set(key, known === undefined ? one : { ...known, rows: known.rows + one.rows });
  }
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    reasons: [...reasons.values()].toSorted((a, b) => b.rows - a.rows),
    first: parts.flatMap((part) => part.first).slice(0, shownRejects),
    table,
  };
}
