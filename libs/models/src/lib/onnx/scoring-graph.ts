import type { OnnxGraph } from '@adstocrat/onnx';
import { type Calibration, calibratedModel } from '../calibration.ts';
import { forward } from '../forward.ts';
import { imageInput, type ModelSpec } from '../model-spec.ts';
import type { Weights } from '../parameter.ts';
import { OnnxGraphWriter } from './graph-writer.ts';

/**
 * The scoring graph: `ids` int32 [N, fields], `dense` float [N, dense], with images `image` float [N, width] → `score` float [N].
 * Inputs that would have no columns are left out.
 */
export function scoringGraph(model: ModelSpec, parameters: Weights, calibration: Calibration): OnnxGraph {
  const { spec, weights } = calibratedModel(model, parameters, calibration);
  const image = imageInput(spec);
  let from = 0;
  const writer: OnnxGraphWriter = new OnnxGraphWriter(spec, weights, (_layer, units) => {
    from += units;
    return units === image?.width ? 'image' : writer.columns('image', from - units, units);
  });
  writer.flat(writer.node('Sigmoid', [forward(spec, writer)]), 'score');
  const { fields, dense } = spec.inputs;
  // A graph names the inputs that it reads: a linear model reads no images, one of numbers alone no ids.
  const reads = (name: string): boolean => writer.nodes.some(({ inputs }) => inputs.includes(name));
  return {
    name: 'click-model',
    nodes: writer.nodes,
    constants: writer.constants,
    inputs: [
      ...(reads('ids') ? [{ name: 'ids', type: 'int32' as const, shape: ['N', fields] }] : []),
      ...(reads('dense') ? [{ name: 'dense', type: 'float' as const, shape: ['N', dense] }] : []),
      ...(reads('image') ? [{ name: 'image', type: 'float' as const, shape: ['N', image?.width ?? 0] }] : []),
    ],
    outputs: [{ name: 'score', type: 'float', shape: ['N'] }],
  };
}
