import { DamagedServable, type LoadedServable, openServable } from '@adstocrat/inference';
import { warmUpTolerance } from '@adstocrat/servables';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { checkPersonalKey } from '../infer/personal-columns.ts';

/** Opens a servable whose files are as its manifest says, and which answers its warm-up requests as it was trained to. */
export async function checkedServable(
  folder: string,
  personalKeys: PersonalKeys,
  digest?: string,
): Promise<LoadedServable> {
  const servable = await openServable(folder, digest === undefined ? {} : { digest });
  try {
    checkPersonalKey(servable.manifest.personal, personalKeys);
    const { largestDifference } = await servable.validate();
    if (!(largestDifference <= warmUpTolerance))
      throw new DamagedServable(`warm-up answers differ by ${largestDifference}, more than ${warmUpTolerance}`);
    return servable;
  } catch (error) {
    await servable.close();
    throw error;
  }
}
