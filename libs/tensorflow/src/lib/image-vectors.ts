import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { forward, type ImageTowerOptions, type ModelSpec, parametersOf, type Weights } from '@adstocrat/models';
import { denseLayer } from './dense-layers.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import { NativeOps } from './native-ops.ts';
import { TensorOperators } from './tensor-operators.ts';

const imagesAtOnce = 64;

/** What a tower called `image` with these weights says of each image: floats [count, size, size, 3] → [count, width], as serving computes it. Yields to the event loop meanwhile. */
export async function imageVectors(
  pixels: Float32Array,
  of: { readonly size: number; readonly tower: ImageTowerOptions; readonly weights: Weights },
): Promise<Float32Array> {
  const tf = loadTensorflow();
  const ops = new NativeOps();
  const { size, tower, weights } = of;
  const spec: ModelSpec = {
    version: 2,
    inputs: { fields: 0, idRows: 0, dense: 0, imageSize: size },
    layers: [{ op: 'image-tower', name: 'image', ...tower }],
    logit: 'image',
  };
  const each = size * size * 3;
  const count = pixels.length / each;
  const parts: Float32Array[] = [];
  for (let from = 0; from < count; from += imagesAtOnce) {
    const images = Math.min(imagesAtOnce, count - from);
    const said = tf.tidy(() => {
      const parameters = parametersOf(spec).map(
        ({ name, shape }) => [name, tf.tensor(weights.get(name) ?? [], [...shape], 'float32')] as const,
      );
      const own = pixels.subarray(from * each, (from + images) * each);
      const some = tf.tensor4d(own, [images, size, size, 3]);
      const pass = {
        batch: { rows: images, ids: new Int32Array(), dense: new Float32Array() },
        parameters: new Map(parameters),
        dense: denseLayer(ops, false),
        rectified: denseLayer(ops, true),
        perImage: (_layer: string, _units: number, run: (all: Tensor) => Tensor) => run(some),
      };
      return forward(spec, new TensorOperators(ops, pass));
    });
    parts.push(said.dataSync<'float32'>());
    said.dispose();
    await new Promise(setImmediate);
  }
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
