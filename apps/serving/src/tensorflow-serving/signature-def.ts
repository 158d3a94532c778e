import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { ModelSignature } from '../infer/model-signature.ts';
import type { TensorSignature } from '../infer/tensors/tensor-signature.ts';
import { defaultSignature, methodOf, type Signature, signaturesOf, type SignatureTensor } from './signatures.ts';
import { tensorSignatureDef } from './tensors/tensor-signature-def.ts';

const { DataType } = tfs;

/** All of a version's signatures as TensorFlow's messages, by name. */
export function signatureDefsOf(signature: ModelSignature | TensorSignature): Map<string, tfs.SignatureDef> {
  if (signature.kind === 'tensors') return new Map([[defaultSignature, tensorSignatureDef(signature)]]);
  return new Map(Array.from(signaturesOf(signature), ([name, one]) => [name, signatureDefOf(one)]));
}

/** A signature as TensorFlow's message. What a request may leave out has a default where a value of its type can say "missing". */
export function signatureDefOf({ kind, inputs, outputs }: Signature): tfs.SignatureDef {
  const defaults = new Map<string, tfs.TensorProto>();
  for (const [name, { dtype, optional }] of inputs)
    if (optional === true && dtype !== DataType.DT_INT64) defaults.set(name, missing(dtype));
  return tfs.SignatureDef.create({
    methodName: methodOf(kind),
    inputs: tensors(inputs),
    outputs: tensors(outputs),
    defaults,
  });
}

function tensors(named: ReadonlyMap<string, SignatureTensor>): Map<string, tfs.TensorInfo> {
  return new Map(
    Array.from(named, ([name, { dtype, width }]) => [
      name,
      tfs.TensorInfo.create({
        name: `${name}:0`,
        dtype,
        tensorShape: { dim: dims([-1, ...(width === undefined ? [] : [width])]), unknownRank: false },
      }),
    ]),
  );
}

function dims(sizes: readonly number[]): { readonly size: bigint; readonly name: string }[] {
  return sizes.map((size) => ({ size: BigInt(size), name: '' }));
}

/** [1], which stands for all rows: an empty string, or NaN. */
function missing(dtype: tfs.DataType): tfs.TensorProto {
  const value = dtype === DataType.DT_STRING ? { stringVal: [Buffer.alloc(0)] } : { floatVal: [NaN] };
  return tfs.TensorProto.create({ dtype, tensorShape: { dim: dims([1]), unknownRank: false }, ...value });
}
