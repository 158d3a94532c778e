import { TensorModel } from '@adstocrat/inference';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { servableOf } from '../checked-servable.ts';
import type { Loaded } from '../served-model.ts';
import type { Brought } from './loading-job.ts';

/** Opens what a loading thread has brought and checked, in this thread: what is left to do is little. */
export async function openBrought(brought: Brought, personalKeys: PersonalKeys): Promise<Loaded> {
  if ('checked' in brought) return servableOf(brought.checked, personalKeys);
  // The file is this process's own copy: nobody else writes to it between the check and this.
  const model = await TensorModel.open(brought.file);
  try {
    await model.confirm(brought.sharesRuns);
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}
