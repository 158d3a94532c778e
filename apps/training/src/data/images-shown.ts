import type { TrainingRows } from './training-rows.ts';

/** Positions of the images that training rows show. */
export async function imagesShown(train: TrainingRows): Promise<ReadonlySet<number>> {
  const shown = new Set<number>();
  for await (const { images } of train.parts()) for (const image of images ?? []) if (image >= 0) shown.add(image);
  return shown;
}
