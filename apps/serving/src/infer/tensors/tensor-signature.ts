import type { TensorModel, TensorSpec } from '@adstocrat/inference';

/** What a version takes and answers that is a plain ONNX model. A request gives every input. */
export interface TensorSignature {
  readonly kind: 'tensors';
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** True where the first dimension of each counts rows. */
  readonly hasRows: boolean;
}

const known = new WeakMap<TensorModel, TensorSignature>();

/** The same object for the same model: each request asks. */
export function tensorSignatureOf(model: TensorModel): TensorSignature {
  let signature = known.get(model);
  if (signature === undefined) {
    const { inputs, outputs, hasRows } = model;
    known.set(model, (signature = { kind: 'tensors', inputs, outputs, hasRows }));
  }
  return signature;
}
