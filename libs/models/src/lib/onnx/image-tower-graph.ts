import type { OnnxGraph } from '@adstocrat/onnx';
import { forward } from '../forward.ts';
import { imageInput, type ModelSpec } from '../model-spec.ts';
import type { Weights } from '../parameter.ts';
import { OnnxGraphWriter } from './graph-writer.ts';

/**
 * The image towers alone: `pixels` float [N, size, size, 3] → `image` float [N, width], all towers' vectors side by side.
 * Throws `RangeError` for a model without one.
 */
export function imageTowerGraph(spec: ModelSpec, weights: Weights): OnnxGraph {
  const image = imageInput(spec);
  if (image === undefined) throw new RangeError('the model has no image tower');
  const vectors: string[] = [];
  let planes: string | undefined;
  const writer: OnnxGraphWriter = new OnnxGraphWriter(spec, weights, (_layer, _units, tower) => {
    planes ??= writer.node('Transpose', ['pixels'], { perm: [0, 3, 1, 2] });
    const vector = tower(planes);
    vectors.push(vector);
    return vector;
  });
  const towers = spec.layers.filter(({ op }) => op === 'image-tower');
  forward({ ...spec, layers: towers, logit: towers[0]?.name ?? '' }, writer);
  writer.node('Concat', vectors, { axis: 1 }, 'image');
  return {
    name: 'image-tower',
    nodes: writer.nodes,
    constants: writer.constants,
    inputs: [{ name: 'pixels', type: 'float', shape: ['N', image.size, image.size, 3] }],
    outputs: [{ name: 'image', type: 'float', shape: ['N', image.width] }],
  };
}
