import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { WorldSummary } from '@adstocrat/adworld';
import { waitUntilServed } from '../commands/wait-until-served.ts';
import { ExitError } from '../exit-error.ts';
import { type PipelineResult, runPipeline } from '../pipeline.ts';
import type { Progress } from '../progress.ts';
import type { System } from '../system/system.ts';
import { nextModelName } from './model-name.ts';

/**
 * Of the demo: rows to learn the new world from before a retrain is asked for, and no second one while it is trained and tried out: its clock runs 600 times as
 * fast as life, its training does not.
 */
const retrainPolicy = 'thresholds: {minLabelled: 12000, retrainCoolDown: 14d}\n';

/**
 * The world's history → a model in service, under a name of its own, trained within `budget` epochs. Throws {@link ExitError} where it
 * is not blessed.
 */
export async function trainFirst(
  system: System,
  world: WorldSummary,
  progress: Progress,
  budget: number,
): Promise<PipelineResult> {
  const name = await nextModelName(system);
  const taskYaml = `${readFileSync(`${world.out}/task.yaml`, 'utf8').replace(/^name: .*$/m, `name: ${name}`)}${retrainPolicy}training: {budget: ${budget}}\n`;
  const result = await runPipeline(system.clients, { taskYaml, dataUri: pathToFileURL(world.out).href }, progress);
  const { image, noPixels } = world.ceilings.all;
  progress.finish(
    `held-out AUC ${result.evaluation.auc.toFixed(4)}; on these rows the most one can know gives ${image.onLabels.auc.toFixed(4)}, without the pictures ${noPixels.onLabels.auc.toFixed(4)}`,
  );
  if (result.state !== 'deployed')
    throw new ExitError(
      3,
      `version ${result.run.version} was not put into service: ${result.evaluation.reasons.join('; ')}`,
    );
  await waitUntilServed(system.clients, name);
  return result;
}
