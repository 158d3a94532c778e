import { isDeepStrictEqual } from 'node:util';
import type { Jobs } from '@adstocrat/jobs';
import { readTask, removalOf, type Tasks, type VersionRegistry } from '@adstocrat/metadata';
import { thresholdsOf } from '../gate/thresholds.ts';
import { takeTurn } from './take-turn.ts';

export interface JudgeAgainOptions {
  readonly jobs: Jobs;
  readonly metadata: Tasks & VersionRegistry;
  readonly nowMs: () => number;
}

/**
 * Puts a version that was not blessed in line again where its task's limits are others than those it was judged by. False where nothing
 * has changed, for a version in any other state, for one that is not there (yet), and for one whose files were removed. Throws a `RangeError`
 * where there is no such task.
 */
export async function judgeAgain(options: JudgeAgainOptions, model: string, version: number): Promise<boolean> {
  const { jobs, metadata, nowMs } = options;
  const { thresholds } = await readTask(metadata, model);
  return jobs.transaction(async (transaction) => {
    await metadata.lockModel(model, transaction);
    const record = await metadata.getVersion(model, version, transaction);
    if (record?.state !== 'not_blessed' || removalOf(record) !== undefined) return false;
    if (isDeepStrictEqual(record.evaluation?.['thresholds'], thresholdsOf(thresholds))) return false;
    const change = { state: 'waiting', updatedAtMs: nowMs() } as const;
    await metadata.updateVersion(model, version, 'not_blessed', change, transaction);
    await takeTurn(options, transaction, model);
    return true;
  });
}
