import { type SessionThreadOptions, TensorModel } from '@adstocrat/inference';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { servableOf } from '../checked-servable.ts';
import type { Loaded } from '../served-model.ts';
import type { Brought } from './loading-job.ts';

/**
 * Opens what a loading thread has brought and checked: what is left to do in this thread is little. `onEnded`: hears of it when the thread
 * ends that a plain model is opened in.
 */
export async function openBrought(
  brought: Brought,
  personalKeys: PersonalKeys,
  onEnded?: SessionThreadOptions['onEnded'],
): Promise<Loaded> {
  if ('checked' in brought) return servableOf(brought.checked, personalKeys);
  // The file is this process's own copy: nobody else writes to it between the check and this.
  const { file, sharesRuns, apart } = brought;
  const model = await (apart ? TensorModel.openApart(file, onEnded && { onEnded }) : TensorModel.open(file));
  try {
    await model.confirm(sharesRuns);
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}
