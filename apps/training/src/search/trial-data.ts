import type { ModelInputs } from '@adstocrat/models';
import { embeddingRows, type TransformGraph } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import type { TrainingRows } from '../data/training-rows.ts';

/** What all trials of a run train on and are judged by. */
export interface TrialData {
  readonly graph: TransformGraph;
  readonly train: TrainingRows;
  readonly validation: LoadedExamples;
  /** float [count, size, size, 3]. */
  readonly images?: Float32Array;
}

export function modelInputs({ graph, train, images }: TrialData): ModelInputs {
  return {
    fields: train.fields,
    idRows: embeddingRows(graph),
    dense: train.denseWidth,
    ...(images !== undefined && graph.image !== undefined && { imageSize: graph.image.size }),
  };
}
