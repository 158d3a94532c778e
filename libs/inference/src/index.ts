export {
  buffersOf,
  checkServable,
  openChecked,
  type CarriedModel,
  type CheckedServable,
} from './lib/check-servable.ts';
export { DamagedServable } from './lib/damaged-servable.ts';
export type { LoadedServable, WarmUpAnswer } from './lib/loaded-servable.ts';
export { openServable } from './lib/open-servable.ts';
export { manifestDigest } from './lib/read-servable.ts';
export { writeServable, type ServableContent } from './lib/write-servable.ts';
export { elementArrays, elementCount, elementTypeOf, tensorOf } from './lib/element-tensor.ts';
export type { ElementTensor, ElementType, NumericType, TensorSpec, Tensors } from './lib/element-tensor.ts';
export { RunFailed } from './lib/run-failed.ts';
export { checkTensorModel, type CheckedTensorModel } from './lib/check-tensor-model.ts';
export { SessionEnded, type SessionThreadOptions } from './lib/session-thread.ts';
export { TensorModel } from './lib/tensor-model.ts';
