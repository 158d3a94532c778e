import type { Split } from '@adstocrat/examples';
import { MergedStatistics, type SpanStatistics } from '@adstocrat/statistics';
import type { FilledPart } from '../shards/fill-shard.ts';
import { MergedRejects } from '../shards/merged-rejects.ts';
import type { WorkFolder } from '../shards/work-folder.ts';

/** A part of a span's rows: `<split>.parquet` in a folder, and what is known of them. */
export interface SpanPart {
  readonly folder: Pick<WorkFolder, 'file' | 'forget'>;
  readonly filled: Pick<FilledPart, 'rows' | 'positives'>;
}

/** What is known of filled shards, and of all of them together: read one after the other, as each has thousands of values. */
export async function readFilled(folders: readonly Pick<WorkFolder, 'json'>[]): Promise<{
  readonly filled: readonly Pick<FilledPart, 'rows' | 'positives'>[];
  readonly statistics: SpanStatistics;
  readonly rejects: MergedRejects;
}> {
  const filled: Pick<FilledPart, 'rows' | 'positives'>[] = [];
  const [merged, aside] = [new MergedStatistics(), new MergedRejects()];
  for (const folder of folders) {
    const { statistics, rejects, ...rest } = await folder.json<FilledPart>('part.json');
    merged.add(statistics);
    aside.add(rejects);
    filled.push(rest);
  }
  return { filled, statistics: merged.value, rejects: aside };
}

/** Rows of each split over all parts. */
export function rowsOf(parts: readonly SpanPart[], count: 'rows' | 'positives'): Readonly<Record<Split, number>> {
  const sum = (split: Split): number => parts.reduce((total, { filled }) => total + filled[count][split], 0);
  return { train: sum('train'), validation: sum('validation'), test: sum('test') };
}

/** The files of a split: of the parts that have rows in it, or one without rows where none has. */
export function filesOf(parts: readonly SpanPart[], split: Split): readonly SpanPart[] {
  const filled = parts.filter((part) => part.filled.rows[split] > 0);
  return filled.length > 0 ? filled : parts.slice(0, 1);
}
