import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { BadInput } from '../infer/inference-failure.ts';
import type { InputTensors } from '../infer/tensor.ts';
import type { SignatureTensor } from './signatures.ts';

/** Throws {@link BadInput} for booleans where the signature has numbers: TensorFlow Serving takes none there, and none of the raw columns is of booleans. */
export function refuseBooleans(
  inputs: InputTensors,
  signature: ReadonlyMap<string, Pick<SignatureTensor, 'dtype'>>,
): void {
  for (const [name, { kind, values }] of inputs) {
    const dtype = signature.get(name)?.dtype;
    if (dtype === undefined || dtype === tfs.DataType.DT_STRING) continue;
    if (kind === 'bool') throw new BadInput('dtype', name, `is of dtype DT_BOOL, the signature has a number`);
    if (kind !== 'mixed') continue;
    for (let row = 0; row < values.length; row += 1)
      if (typeof values[row] === 'boolean')
        throw new BadInput('value', name, `${String(values[row])} is no number`, row);
  }
}
