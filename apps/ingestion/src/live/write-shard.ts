import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ArtifactFolder } from '@adstocrat/artifact-folders';
import { joinUri } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { ColumnarBatch } from '@adstocrat/examples';
import type { Job, JobKind } from '@adstocrat/jobs';
import type { events } from '@adstocrat/schemas';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { schemaOfDay } from '../span/schema-of-day.ts';
import type { LiveRows } from './live-rows.ts';
import { shardBatch, shardColumns } from './shard-batch.ts';

const Payload = z.object({ model: z.string(), hour: z.number().int() });

/** Rows of one hour become a shard. */
export const shardJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.live-shard',
  parse: (payload) => Payload.parse(payload),
};

/** Rows of a shard, at most; what is left over goes into the next one. */
export const shardRows = 100_000;

/** The engine's share of the machine while live rows go through it: it runs beside the intake. What is more lies on disk. */
export const liveEngine = { memoryLimit: '128MB', threads: 1 };

/** Writes the hour's rows that wait as one Parquet file. They leave their chunks in the transaction that records the shard. */
export async function writeShard(
  dependencies: IngestDependencies,
  live: LiveRows,
  job: Job<z.infer<typeof Payload>>,
): Promise<void> {
  const { store, artifactsUrl } = dependencies;
  const { model, hour } = job.payload;
  const chunks = await live.chunks(model, hour, shardRows);
  if (chunks.length === 0) return;
  const schema = await schemaOfDay(dependencies, model);
  if (schema === undefined)
    throw new PermanentFailure(`model "${model}" has no batch span whose columns its live rows could have`);
  const raw = schema.columns.filter(({ role }) => role !== 'label').map(({ name }) => name);
  const id = schema.columns.find(({ role }) => role === 'id')?.name;
  const workDir = join(dependencies.workDir, `shard-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await dependencies.openEngine({ workDir, ...liveEngine, signal: job.signal });
  try {
    const local = join(workDir, 'examples.parquet');
    const relation = await engine.fromBatches(
      shardColumns(raw),
      batchesOf(live.read(chunks), job.signal, (examples) => shardBatch(examples, raw, id)),
    );
    const [rows, positives] = [await engine.count(relation), await engine.positives(relation)];
    await engine.writeParquet(relation, local);
    const uri = joinUri(artifactsUrl, 'live', model, String(hour), String(job.attempt));
    await job.output(uri);
    const folder = await ArtifactFolder.begin(store, uri);
    await folder.put('examples.parquet', local);
    const { digest } = await folder.finish('shard.json', { version: 1 as const, model, hour, rows, positives });
    await job.finish(async (transaction) => {
      await live.toShard(chunks, { model, hour, shard: job.attempt, uri, digest, rows }, transaction);
      return { uri, rows, positives };
    });
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

async function* batchesOf(
  chunks: ReturnType<LiveRows['read']>,
  signal: AbortSignal,
  batchOf: (examples: readonly events.ExampleLabelled[]) => ColumnarBatch,
): AsyncGenerator<ColumnarBatch> {
  for await (const examples of chunks) {
    signal.throwIfAborted();
    yield batchOf(examples);
  }
}
