import {
  type CheckedServable,
  DamagedServable,
  type LoadedServable,
  openChecked,
  openServable,
  type WarmUpAnswer,
} from '@adstocrat/inference';
import { warmUpTolerance } from '@adstocrat/servables';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { checkPersonalKey } from '../infer/personal-columns.ts';

/** Opens a servable whose files are as its manifest says, and which answers its warm-up requests as it was trained to: all in this thread. */
export async function checkedServable(
  folder: string,
  personalKeys: PersonalKeys,
  digest?: string,
): Promise<LoadedServable> {
  const servable = await openServable(folder, digest === undefined ? {} : { digest });
  return fit(servable, () => servable.validate(), personalKeys);
}

/** The same of what a loading thread has checked. */
export async function servableOf(checked: CheckedServable, personalKeys: PersonalKeys): Promise<LoadedServable> {
  return fit(await openChecked(checked), () => Promise.resolve(checked.answer), personalKeys);
}

async function fit(
  servable: LoadedServable,
  answer: () => Promise<WarmUpAnswer>,
  personalKeys: PersonalKeys,
): Promise<LoadedServable> {
  try {
    checkPersonalKey(servable.manifest.personal, personalKeys);
    const { largestDifference } = await answer();
    if (!(largestDifference <= warmUpTolerance))
      throw new DamagedServable(`warm-up answers differ by ${largestDifference}, more than ${warmUpTolerance}`);
    return servable;
  } catch (error) {
    await servable.close();
    throw error;
  }
}
