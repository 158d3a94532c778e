import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExampleEngine, LabelRule, PrepareOptions, Relation, SplitRule } from '@adstocrat/example-engine';
import { type Split, splits, type TimeFormat, Zone } from '@adstocrat/examples';
import type { PartStatistics } from '@adstocrat/statistics';
import type { SpanColumn } from '../span/span-column.ts';
import type { RejectsSummary } from './scan-shard.ts';
import { type ShardWork, shardThreads } from './shard-work.ts';
import { FolderRef, WorkFolder } from './work-folder.ts';

const Payload = z.object({ scanned: FolderRef, plan: FolderRef, index: z.number().int() });

/** `plan.json`: what is made of the rows of every shard. Beside it `tables/<index>.parquet`, and `images.parquet` where there are any. */
export interface ShardPlan {
  /** Names of the rows' raw columns. */
  readonly raw: readonly string[];
  readonly columns: readonly SpanColumn[];
  readonly label: LabelRule;
  readonly id?: string | undefined;
  /** See `PrepareOptions`. */
  readonly contentId?: readonly string[] | undefined;
  /** `zone`: the name of one. */
  readonly time?:
    | { readonly column: string; readonly format: TimeFormat; readonly zone?: string; readonly isClean?: boolean }
    | undefined;
  readonly split: SplitRule;
  /** Keys of the tables. */
  readonly keys: readonly string[];
  readonly imageColumn?: string | undefined;
  readonly personalKey?: string | undefined;
  readonly shards: readonly { readonly names: readonly string[]; readonly before: number }[];
}

/** `part.json`: what became of a shard's rows. Beside it `<split>.parquet` and `rejects.parquet`. */
export interface FilledPart {
  readonly rows: Readonly<Record<Split, number>>;
  readonly positives: Readonly<Record<Split, number>>;
  /** Of the rows to train on. */
  readonly statistics: PartStatistics;
  readonly rejects: RejectsSummary;
}

/** A scanned shard's rows, joined, typed and split as planned. */
export const fillShard: ShardWork<z.infer<typeof Payload>> = {
  kind: { name: 'ingestion.fill-shard', parse: (payload) => Payload.parse(payload) },
  longestStep: 'statistics',
  async run(dependencies, payload, { into, scratch }, { signal, onProgress }) {
    const scanned = new WorkFolder(dependencies.store, payload.scanned, join(scratch, 'scanned'));
    const planned = new WorkFolder(dependencies.store, payload.plan, join(scratch, 'plan'));
    const plan = await planned.json<ShardPlan>('plan.json');
    const { names = [], before = 0 } = plan.shards[payload.index] ?? {};
    const engine = await dependencies.openEngine({ workDir: scratch, threads: shardThreads, signal });
    try {
      onProgress('split', 0, 0, 'rows');
      let rows = await engine.openParquet([await scanned.file('rows.parquet')], { names, before, columns: plan.raw });
      for (const [index, key] of plan.keys.entries())
        rows = await engine.join(rows, await engine.openParquet([await planned.file(`tables/${index}.parquet`)]), key);
      const personalKey = dependencies.personalKeys.all.find(({ id }) => id === plan.personalKey);
      const { columns, label, id, contentId, time } = plan;
      const prepared = await engine.prepare(rows, {
        columns,
        label,
        ...(id !== undefined && { id }),
        ...(contentId !== undefined && { contentId }),
        ...(time !== undefined && { eventTime: plannedTime(time) }),
        ...(personalKey !== undefined && { personalKey }),
      });
      const shown =
        plan.imageColumn === undefined
          ? prepared.table
          : await engine.withImages(
              prepared.table,
              plan.imageColumn,
              await engine.openParquet([await planned.file('images.parquet')]),
            );
      const { table, ...rejects } = prepared.rejects;
      await engine.writeParquet(table, join(into, 'rejects.parquet'));
      const filled = await fill(engine, shown, plan, into, (done) => {
        onProgress('statistics', done, columns.length, 'columns');
      });
      await writeFile(join(into, 'part.json'), JSON.stringify({ ...filled, rejects } satisfies FilledPart));
    } finally {
      await engine.close();
    }
  },
};

function plannedTime({ zone, ...time }: NonNullable<ShardPlan['time']>): PrepareOptions['eventTime'] & object {
  return { ...time, ...(zone !== undefined && { zone: Zone.of(zone) }) };
}

/** Splits typed rows, writes each split's file, and describes those to train on. */
export async function fill(
  engine: ExampleEngine,
  rows: Relation,
  { split, columns }: Pick<ShardPlan, 'split' | 'columns'>,
  into: string,
  onColumn: (done: number) => void,
): Promise<Omit<FilledPart, 'rejects'>> {
  const parts = await engine.split(rows, split);
  const counted = { rows: { train: 0, validation: 0, test: 0 }, positives: { train: 0, validation: 0, test: 0 } };
  const statistics = await engine.describe(parts.train, columns, onColumn);
  for (const one of splits) {
    counted.rows[one] = await engine.count(parts[one]);
    counted.positives[one] = await engine.positives(parts[one]);
    await engine.writeParquet(parts[one], join(into, `${one}.parquet`));
  }
  return { ...counted, statistics };
}
