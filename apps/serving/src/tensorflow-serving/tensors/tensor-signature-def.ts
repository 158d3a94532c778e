import type { TensorSpec } from '@adstocrat/inference';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { TensorSignature } from '../../infer/tensors/tensor-signature.ts';
import { methodOf } from '../signatures.ts';
import { dtypeOfElements } from './tensor-proto.ts';

/** A plain ONNX model's one signature as TensorFlow's message. */
export function tensorSignatureDef({ inputs, outputs }: TensorSignature): tfs.SignatureDef {
  return tfs.SignatureDef.create({ methodName: methodOf('predict'), inputs: infos(inputs), outputs: infos(outputs) });
}

function infos(specs: readonly TensorSpec[]): Map<string, tfs.TensorInfo> {
  return new Map(
    specs.map(({ name, type, shape }) => [
      name,
      tfs.TensorInfo.create({
        name: `${name}:0`,
        dtype: dtypeOfElements(type),
        tensorShape: {
          dim: (shape ?? []).map((size) => ({ size: BigInt(size), name: '' })),
          unknownRank: shape === undefined,
        },
      }),
    ]),
  );
}
