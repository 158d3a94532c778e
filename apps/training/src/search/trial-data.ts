import type { ModelInputs } from '@adstocrat/models';
import { embeddingRows, placedFeatures, type TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { RowsInOrder, TrainingRows } from '../data/training-rows.ts';
import type { Beginnings } from '../warm/model-before.ts';
import type { FittedImages } from '../image/fit-image-tower.ts';

/** What models that are fitted at once read. */
export interface FitData {
  readonly graph: TransformGraph;
  readonly train: RowsInOrder;
  readonly validation: LoadedExamples;
  /** What is known of the images that rows show. */
  readonly images?: FittedImages;
}

/** What all trials of a run train on and are judged by. */
export interface TrialData extends FitData {
  readonly train: TrainingRows;
  /** What trials take over from the model in service. */
  readonly beginnings?: Beginnings;
}

export function modelInputs({ graph, train, images }: FitData): ModelInputs {
  const slots = placedFeatures(graph).map(({ feature }) => feature.slots);
  return {
    fields: train.fields,
    idRows: embeddingRows(graph),
    dense: train.denseWidth,
    ...(slots.some((count) => count > 1) && { slots }),
    ...(images !== undefined && { imageSize: images.size }),
  };
}
