import { type ArtifactStore, joinUri, readJson } from '@adstocrat/artifact-store';
import {
  type Anomaly,
  type ColumnSchema,
  type DataSchema,
  type DescribedSpan,
  findAnomalies,
  timesApart,
} from '@adstocrat/data-validation';
import type { ExampleEngine, Rejects } from '@adstocrat/example-engine';
import type { SpanManifest, SpanTable } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import type { SpanRecord } from '@adstocrat/metadata';
import type { SpanStatistics } from '@adstocrat/statistics';
import { columnsKnownLater, isGuessed, type Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import type { ImageIndex } from './index-images.ts';
import { inferSchema } from './infer-schema.ts';
import type { SpanPart } from './part-folders.ts';
import type { SpanColumn } from './span-column.ts';
import { writeSpan } from './write-span.ts';

/** Typed and split rows on their way into a span, with what is known of them. */
export interface SpanDraft {
  /** Resolved. */
  readonly task: Task;
  readonly kind: SpanRecord['kind'];
  readonly inputDigest: string;
  /** In the order of the rows. */
  readonly parts: readonly SpanPart[];
  /** Of the rows to train on, over all parts. */
  readonly statistics: SpanStatistics;
  readonly columns: readonly SpanColumn[];
  readonly labelType: ColumnSchema['type'];
  /** The span that this one is compared with. */
  readonly before?: SpanRecord | undefined;
  /** Spans further back. */
  readonly known: readonly SpanRecord[];
  readonly tables: readonly SpanTable[];
  /** Of rows, of images, of files. */
  readonly rejects: readonly Rejects[];
  readonly rejectedRows: number;
  readonly images: ImageIndex | undefined;
  readonly imageBaseUri?: string | undefined;
  /** Id of the key of the rows' pseudonyms; absent where they have none. */
  readonly personalKey?: string | undefined;
  /** What was left out, what was guessed: for whoever brought the data. */
  readonly notes: readonly string[];
  readonly guesses?: SpanRecord['guesses'];
  /** See {@link SpanRecord.told}. */
  readonly told?: SpanRecord['told'];
  /** What is odd about the rows, before they are compared with others. */
  readonly findings: readonly string[];
  /** The first and the last event, where what lies far from all others does not count. */
  readonly timeRangeMs?: readonly [number, number] | undefined;
}

/**
 * Describes the rows, compares them with the span before, and writes the span's folder, which is one of this attempt.
 * Returns the record that makes it a span. `workDir` is the attempt's own.
 */
export async function draftSpan(
  { metadata, store, artifactsUrl }: IngestDependencies,
  engine: ExampleEngine,
  workDir: string,
  job: Pick<Job<unknown>, 'attempt' | 'output'>,
  draft: SpanDraft,
  onProgress: OnProgress,
): Promise<SpanRecord> {
  const { task, kind, inputDigest, columns, statistics } = draft;
  const schema = inferSchema(statistics, columns, task, draft.labelType);
  const anomalies = draft.before === undefined ? [] : await compare(store, draft, draft.before, { schema, statistics });
  const messages = [...draft.findings, ...anomalies.map(({ message }) => message)];
  onProgress('write', 0, 0, 'files');
  const span = await metadata.reserveSpan(task.name, inputDigest);
  const uri = joinUri(artifactsUrl, 'spans', task.name, `${span}-${job.attempt}`);
  await job.output(uri);
  const { timeRangeMs } = draft;
  const rejectedImages = draft.images?.rejects.rows ?? 0;
  const written = await writeSpan(engine, store, uri, workDir, {
    parts: draft.parts,
    statistics,
    schema,
    anomalies: messages,
    rejects: draft.rejects,
    images: draft.images,
    tables: draft.tables,
    rejectedRows: draft.rejectedRows,
    rejectedImages,
    head: {
      task: task.name,
      span,
      kind,
      inputDigest,
      ...(timeRangeMs === undefined ? {} : { timeRangeMs }),
      ...(draft.imageBaseUri === undefined ? {} : { imageBaseUri: draft.imageBaseUri }),
      ...(draft.personalKey === undefined ? {} : { personalKey: draft.personalKey }),
    },
  });
  return {
    task: task.name,
    span,
    kind,
    uri,
    digest: written.digest,
    inputDigest,
    trainRows: written.rows.train,
    validationRows: written.rows.validation,
    testRows: written.rows.test,
    rejectedRows: draft.rejectedRows,
    images: written.images,
    rejectedImages: written.rejectedImages,
    anomalies: messages,
    notes: draft.notes,
    ...(draft.told === undefined ? {} : { told: draft.told }),
    ...(draft.guesses === undefined ? {} : { guesses: draft.guesses }),
    setAside: reasonsOf(draft.rejects),
    // A live span that lacks a column is still what was served: the model must learn to live with it.
    ready: kind === 'live' || anomalies.every(({ severity }) => severity !== 'error'),
    createdAtMs: Date.now(),
  };
}

/** Reasons that a record names. */
const shownReasons = 10;

/** Why rows were set aside, whatever of: the most frequent first. */
function reasonsOf(rejects: readonly Rejects[]): NonNullable<SpanRecord['setAside']> {
  const rows = new Map<string, number>();
  for (const one of rejects.flatMap(({ reasons }) => reasons))
    rows.set(one.reason, (rows.get(one.reason) ?? 0) + one.rows);
  return [...rows]
    .map(([reason, count]) => ({ reason, rows: count }))
    .sort((a, b) => b.rows - a.rows)
    .slice(0, shownReasons);
}

/** How the span departs from the one before it, and from what earlier ones had in common. */
async function compare(
  store: ArtifactStore,
  draft: SpanDraft,
  before: SpanRecord,
  now: DescribedSpan,
): Promise<readonly Anomaly[]> {
  const { task, known, kind, told } = draft;
  const schemaOf = ({ uri }: SpanRecord): Promise<DataSchema> => readJson(store, joinUri(uri, 'data-schema.json'));
  const statistics = await readJson<SpanStatistics>(store, joinUri(before.uri, 'statistics.json'));
  const times = await compareTimes(store, draft, before);
  const anomalies = findAnomalies({ schema: await schemaOf(before), statistics }, now, {
    known: await Promise.all(known.map(schemaOf)),
    said: new Set(
      (['id', 'eventTime', 'image'] as const).filter(
        (role) => told !== undefined && told[role] === undefined && !isGuessed(task, role),
      ),
    ),
    ignored: new Set([
      ...Object.keys(task.features).filter((column) => task.features[column] === 'ignore'),
      ...Object.keys(task.personal).filter((column) => task.personal[column] === 'drop'),
      // What no request gives, no live row has.
      ...(kind === 'live' ? columnsKnownLater(task) : []),
    ]),
  });
  return [...times, ...anomalies];
}

async function compareTimes(
  store: ArtifactStore,
  { task: { eventTime = '' }, timeRangeMs }: SpanDraft,
  before: SpanRecord,
): Promise<readonly Anomaly[]> {
  const { timeRangeMs: was } = await readJson<SpanManifest>(store, joinUri(before.uri, 'span.json'));
  const apart = was === undefined || timeRangeMs === undefined ? undefined : timesApart(was, timeRangeMs);
  if (apart === undefined) return [];
  return [{ severity: 'error', column: eventTime, message: `${eventTime}: ${apart}` }];
}
