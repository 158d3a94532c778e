import type { Task } from '@adstocrat/tasks';
import type { Feedback } from '../duties/feedback.ts';
import { doneUntil } from '../store/cursors.ts';
import { lanes } from '../store/tables.ts';
import { predictionStream, watermarkOf } from '../watermark/progress.ts';
import { resolveOthers } from './alerts.ts';
import type { Baselines } from './baseline.ts';
import { foldFeatures } from './fold-features.ts';
import { type Judging, judgeFeatures, judgeLabels } from './judge-windows.ts';
import { labelledUntilMs, retrainIfNeeded, type Standing } from './retrain.ts';

/** Rows folded at once, and bytes of their events, at most. */
const [maxRows, maxBytes] = [2000, 4_000_000];

/** Folds what was predicted, judges the windows that have ended, and asks for a retrain where that is called for. */
export async function watchModel(
  feedback: Feedback,
  baselines: Baselines,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  const { pool, metadata, tasks, clock } = feedback;
  const known = (await tasks.all()).get(model);
  const deployment = await metadata.currentDeployment(model);
  const stable = deployment?.labels['stable'];
  if (known === undefined || deployment === undefined || stable === undefined) return;
  const { task, rule } = known;
  const versions = deployment.versions.map(({ version }) => version);
  baselines.keep(model, versions);
  const judging: Judging = {
    pool,
    model,
    thresholds: task.thresholds,
    versions,
    baselineOf: (version) => baselines.of(model, version),
  };
  const { untilMs } = await watermarkOf(pool, clock, [predictionStream]);
  const baseline = await baselines.of(model, stable);
  for (let lane = 0; lane < lanes; lane += 1)
    for (let more = true; more && !signal.aborted;)
      more = await foldFeatures(
        { pool, model, lane, windowMs: rule.windowMs, watermarkMs: untilMs, maxRows, maxBytes },
        baseline,
      );
  if (signal.aborted) return;
  // Rows that were answered in a window may be seen up to the grace later.
  await judgeFeatures(judging, stable, (await doneUntil(pool, 'features', model, lanes)) - rule.graceMs);
  const labelledMs = await doneUntil(pool, 'labels', model, lanes);
  await judgeLabels(judging, labelledMs - rule.graceMs);
  await resolveOthers(pool, model, versions, untilMs);
  await askForRetrain(feedback, model, stable, task, {
    nowMs: untilMs,
    labelledUntilMs: labelledUntilMs(labelledMs, rule),
  });
}

async function askForRetrain(
  { pool, logger }: Feedback,
  model: string,
  version: number,
  task: Task,
  standing: Standing,
): Promise<void> {
  const retrain = await retrainIfNeeded(pool, model, version, standing, task.thresholds);
  if (retrain !== undefined) logger.info({ model, version, retrain }, 'retrain asked for');
}
