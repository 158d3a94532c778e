import { elementArrays, tensorOf, type Tensors, type TensorSpec } from './element-tensor.ts';
import type { FaultOf } from './run-failed.ts';

/** A run that is asked for, with its number. */
export interface RunOfSession {
  readonly run: number;
  readonly inputs: Tensors;
}

/** What the thread of a session is told: runs, and that there will be no more of them. */
export type ToSession = RunOfSession | { readonly close: true };

/** What it answers: first what the model takes and gives, or why it is none; then every run. */
export type FromSession =
  | { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] }
  | { readonly damaged: string }
  | { readonly run: number; readonly outputs: Tensors }
  | { readonly run: number; readonly failed: string; readonly of: FaultOf }
  /** Not the engine's word: for the log, and nobody else's to read. */
  | { readonly run: number; readonly fault: string };

/** Tensors with memory of their own, and that memory, for a thread to give away: what they lay in may be a whole request, or the engine's. */
export function ownTensors(tensors: Tensors): readonly [Tensors, ArrayBuffer[]] {
  const buffers: ArrayBuffer[] = [];
  const own = Array.from(tensors, ([name, tensor]) => {
    if (tensor.type === 'string') return [name, tensor] as const;
    const { type, shape, data } = tensor;
    // Not `data.slice()`: bytes may be a Buffer, whose slice is a view.
    const copy = new elementArrays[type](data.length);
    (copy as Float32Array).set(data as Float32Array);
    buffers.push(copy.buffer);
    return [name, tensorOf(type, shape, copy)] as const;
  });
  return [new Map(own), buffers];
}
