import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { joinUri } from '@adstocrat/artifact-store';
import type { ExampleEngine, SplitRule } from '@adstocrat/example-engine';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { SpanPlan } from '../plan/plan-span.ts';
import type { PlannedTime } from '../plan/plan-time.ts';
import type { ShardPlan } from '../shards/fill-shard.ts';
import type { ShardHead } from '../shards/merged-scans.ts';
import { stage, stagingOf } from '../shards/shard-work.ts';
import type { FolderRef } from '../shards/work-folder.ts';
import type { ImageIndex } from '../span/index-images.ts';
import type { ScannedKeyTable } from './scan-tables.ts';

/** Writes what whoever fills a shard needs into a folder, and to the store where that may be another process. */
export async function stagePlan(
  dependencies: IngestDependencies,
  engine: ExampleEngine,
  of: {
    readonly folder: string;
    readonly run: string;
    readonly attempt: number;
    readonly isPart: boolean;
    readonly plan: SpanPlan;
    readonly split: SplitRule;
    readonly scanned: readonly ShardHead[];
    readonly tables: readonly ScannedKeyTable[];
    readonly images: ImageIndex | undefined;
    readonly personalKey: string | undefined;
  },
): Promise<FolderRef> {
  const { folder, plan, scanned, tables, images } = of;
  const { time } = plan;
  mkdirSync(join(folder, 'tables'), { recursive: true });
  for (const [index, { scan }] of tables.entries())
    await engine.writeParquet(scan.table, join(folder, 'tables', `${index}.parquet`));
  if (images !== undefined) await engine.writeParquet(images.index, join(folder, 'images.parquet'));
  const before = scanned.map((_, index) => scanned.slice(0, index).reduce((sum, { rows }) => sum + rows, 0));
  const written: ShardPlan = {
    raw: [...new Set(scanned.flatMap(({ columns }) => columns))],
    columns: plan.columns,
    label: plan.label,
    id: plan.task.id,
    contentId: of.split.by === 'hash' ? plan.contentId : undefined,
    time: time && zoneByName(time),
    split: of.split,
    keys: tables.map(({ key }) => key),
    imageColumn: images === undefined ? undefined : plan.task.image?.column,
    personalKey: of.personalKey,
    shards: scanned.map(({ files }, index) => ({ names: files, before: before[index] ?? 0 })),
  };
  await writeFile(join(folder, 'plan.json'), JSON.stringify(written));
  if (!of.isPart) return { path: folder };
  return stage(dependencies, folder, joinUri(stagingOf(dependencies, of.run), `plan-${of.attempt}`));
}

function zoneByName({ zone, ...time }: PlannedTime): NonNullable<ShardPlan['time']> {
  return { ...time, ...(zone && { zone: zone.name }) };
}
