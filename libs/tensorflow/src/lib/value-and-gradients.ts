import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { loadTensorflow } from './load-tensorflow.ts';

/** What of TensorFlow.js's engine is asked. */
interface Engine {
  gradients(
    compute: () => Tensor,
    inputs: readonly Tensor[],
    dy: null,
    allowNone: boolean,
  ): { readonly value: Tensor; readonly grads: Tensor[] };
  readonly state: { activeTape: readonly { readonly saved: readonly Tensor[] }[] | null };
}

/**
 * A value [], and its gradient by each input. Where it throws nothing is left behind: TensorFlow.js keeps what the backward pass is to need
 * from being tidied away, and frees it at the end of a pass that ends well.
 */
export function valueAndGradients(compute: () => Tensor, inputs: readonly Tensor[]): ReturnType<Engine['gradients']> {
  const engine = loadTensorflow().engine() as unknown as Engine;
  try {
    return engine.gradients(compute, inputs, null, true);
  } catch (error) {
    for (const { saved } of engine.state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
    engine.state.activeTape = null;
    throw error;
  }
}
