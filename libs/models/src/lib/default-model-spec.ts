import type { TransformGraph } from '@adstocrat/transforms';
import type { ModelSpec } from './model-spec.ts';

/** The model for a transform graph unless a task says otherwise: small enough for a few minutes on two cores. */
export function defaultModelSpec(graph: TransformGraph): ModelSpec {
  const fields = graph.fields.length;
  return {
    version: 1,
    kind: 'cross-network',
    embeddingRows: Math.max(
      1,
      graph.fields.reduce((sum, { size }) => sum + size, 0),
    ),
    fields,
    // Many fields share the width, so that the layers above stay small.
    embeddingWidth: fields > 40 ? 4 : 8,
    denseWidth: graph.dense.length,
    crossLayers: 2,
    hidden: [64, 32],
    ...(graph.image === undefined ? {} : { image: { size: graph.image.size, channels: [8, 16, 32], width: 16 } }),
  };
}
