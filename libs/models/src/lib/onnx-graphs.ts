import type { OnnxGraph, OnnxNode, OnnxTensor } from '@adstocrat/onnx';
import type { ModelSpec } from './model-spec.ts';
import { inputWidth, parametersOf, type Weights } from './parameters.ts';

/** Platt scaling: score = sigmoid(slope · logit + intercept). */
export interface PlattScaling {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The scoring graph: `ids` int32 [N, fields], `dense` float [N, dense], with images `image` float [N, width] → `score` float [N].
 * Inputs that would have no columns are left out.
 */
export function scoringGraph(spec: ModelSpec, weights: Weights, calibration: PlattScaling): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const parts: string[] = [];
  const constants: OnnxTensor[] = constantsOf(
    spec,
    weights,
    (name) => !name.startsWith('conv') && !name.startsWith('tower') && (name !== 'embedding' || spec.fields > 0),
  );
  if (spec.fields > 0) {
    constants.push({
      name: 'embedded.shape',
      shape: [2],
      data: BigInt64Array.of(-1n, BigInt(spec.fields * spec.embeddingWidth)),
    });
    nodes.push(
      { op: 'Gather', inputs: ['embedding', 'ids'], outputs: ['gathered'] },
      { op: 'Reshape', inputs: ['gathered', 'embedded.shape'], outputs: ['embedded'] },
    );
    parts.push('embedded');
  }
  if (spec.denseWidth > 0) parts.push('dense');
  if (spec.image !== undefined) parts.push('image');
  nodes.push({ op: 'Concat', inputs: parts, outputs: ['x0'], attributes: { axis: 1 } });
  let cross = 'x0';
  for (let index = 0; index < spec.crossLayers; index += 1) {
    nodes.push(
      { op: 'Gemm', inputs: [cross, `cross${index}.kernel`, `cross${index}.bias`], outputs: [`cross${index}.mix`] },
      { op: 'Mul', inputs: ['x0', `cross${index}.mix`], outputs: [`cross${index}.product`] },
      { op: 'Add', inputs: [`cross${index}.product`, cross], outputs: [`cross${index}`] },
    );
    cross = `cross${index}`;
  }
  let deep = 'x0';
  for (const index of spec.hidden.keys()) {
    nodes.push(
      { op: 'Gemm', inputs: [deep, `deep${index}.kernel`, `deep${index}.bias`], outputs: [`deep${index}.sum`] },
      { op: 'Relu', inputs: [`deep${index}.sum`], outputs: [`deep${index}`] },
    );
    deep = `deep${index}`;
  }
  let last = cross;
  if (spec.hidden.length > 0) {
    nodes.push({ op: 'Concat', inputs: [cross, deep], outputs: ['last'], attributes: { axis: 1 } });
    last = 'last';
  }
  constants.push(
    { name: 'slope', shape: [], data: Float32Array.of(calibration.slope) },
    { name: 'intercept', shape: [], data: Float32Array.of(calibration.intercept) },
    { name: 'score.shape', shape: [1], data: BigInt64Array.of(-1n) },
  );
  nodes.push(
    { op: 'Gemm', inputs: [last, 'out.kernel', 'out.bias'], outputs: ['logit'] },
    { op: 'Mul', inputs: ['logit', 'slope'], outputs: ['scaled'] },
    { op: 'Add', inputs: ['scaled', 'intercept'], outputs: ['calibrated'] },
    { op: 'Sigmoid', inputs: ['calibrated'], outputs: ['probability'] },
    { op: 'Reshape', inputs: ['probability', 'score.shape'], outputs: ['score'] },
  );
  return {
    name: 'click-model',
    nodes,
    constants,
    inputs: [
      ...(spec.fields > 0 ? [{ name: 'ids', type: 'int32' as const, shape: ['N', spec.fields] }] : []),
      ...(spec.denseWidth > 0 ? [{ name: 'dense', type: 'float' as const, shape: ['N', spec.denseWidth] }] : []),
      ...(spec.image === undefined ? [] : [{ name: 'image', type: 'float' as const, shape: ['N', spec.image.width] }]),
    ],
    outputs: [{ name: 'score', type: 'float', shape: ['N'] }],
  };
}

/** The image tower: `pixels` float [N, size, size, 3] → `image` float [N, width]. Throws `RangeError` for a model without one. */
export function imageTowerGraph(spec: ModelSpec, weights: Weights): OnnxGraph {
  const { image } = spec;
  if (image === undefined) throw new RangeError('the model has no image tower');
  const constants: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [
    { op: 'Transpose', inputs: ['pixels'], outputs: ['planes'], attributes: { perm: [0, 3, 1, 2] } },
  ];
  let value = 'planes';
  let size = image.size;
  let channels = 3;
  for (const [index, next] of image.channels.entries()) {
    const kernel = weights.get(`conv${index}.kernel`);
    const bias = weights.get(`conv${index}.bias`);
    if (kernel === undefined || bias === undefined) throw new RangeError(`no weights for conv${index}`);
    constants.push(
      { name: `conv${index}.kernel`, shape: [next, channels, 3, 3], data: outerFirst(kernel, channels, next) },
      { name: `conv${index}.bias`, shape: [next], data: bias },
    );
    // TensorFlow's SAME with stride 2: an even size is padded by one at its end only, an odd size by one on both sides.
    const before = size % 2 === 0 ? 0 : 1;
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [before, before, 1, 1] };
    nodes.push(
      {
        op: 'Conv',
        inputs: [value, `conv${index}.kernel`, `conv${index}.bias`],
        outputs: [`conv${index}.sum`],
        attributes,
      },
      { op: 'Relu', inputs: [`conv${index}.sum`], outputs: [`conv${index}`] },
    );
    value = `conv${index}`;
    size = Math.ceil(size / 2);
    channels = next;
  }
  constants.push(...constantsOf(spec, weights, (name) => name.startsWith('tower')), {
    name: 'flat.shape',
    shape: [2],
    data: BigInt64Array.of(-1n, BigInt(channels)),
  });
  nodes.push(
    { op: 'GlobalAveragePool', inputs: [value], outputs: ['pooled'] },
    { op: 'Reshape', inputs: ['pooled', 'flat.shape'], outputs: ['flat'] },
    { op: 'Gemm', inputs: ['flat', 'tower.kernel', 'tower.bias'], outputs: ['tower.sum'] },
    { op: 'Relu', inputs: ['tower.sum'], outputs: ['image'] },
  );
  return {
    name: 'image-tower',
    nodes,
    constants,
    inputs: [{ name: 'pixels', type: 'float', shape: ['N', image.size, image.size, 3] }],
    outputs: [{ name: 'image', type: 'float', shape: ['N', image.width] }],
  };
}

function constantsOf(spec: ModelSpec, weights: Weights, wanted: (name: string) => boolean): OnnxTensor[] {
  return parametersOf(spec)
    .filter(({ name }) => wanted(name))
    .map(({ name, shape }) => {
      const data = weights.get(name);
      if (data === undefined) throw new RangeError(`no weights for ${name} of a model ${inputWidth(spec)} wide`);
      return { name, shape, data };
    });
}

/** [3, 3, in, out] → [out, in, 3, 3]. */
function outerFirst(kernel: Float32Array, channels: number, next: number): Float32Array {
  const out = new Float32Array(kernel.length);
  for (let at = 0; at < 9; at += 1) {
    for (let from = 0; from < channels; from += 1) {
      for (let to = 0; to < next; to += 1)
        out[(to * channels + from) * 9 + at] = kernel[(at * channels + from) * next + to]!;
    }
  }
  return out;
}
