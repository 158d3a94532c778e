import type { ElementType, TensorSpec } from '@adstocrat/inference';
import { BadInput } from '../inference-failure.ts';
import type { TensorSignature } from './tensor-signature.ts';

/** An input as a request says it is, before its elements are made. */
export interface SaidTensor {
  /** Absent where the wire has no types of its own. */
  readonly type?: ElementType;
  readonly shape: readonly number[];
}

/** Throws {@link BadInput} where the inputs are not all that the model takes, each of its type and shape. */
export function checkTensors(signature: TensorSignature, inputs: ReadonlyMap<string, SaidTensor>): void {
  const specs = new Map(signature.inputs.map((spec) => [spec.name, spec]));
  const names = [...specs.keys()].join(', ');
  for (const name of inputs.keys())
    if (!specs.has(name)) throw new BadInput('unknown', name, `is no input of the model, which takes ${names}`);
  for (const [name, spec] of specs) {
    const said = inputs.get(name);
    if (said === undefined) throw new BadInput('missing', name, `is missing: the model takes all of ${names}`);
    checkTensor(spec, said);
  }
}

function checkTensor({ name, type, shape: expected }: TensorSpec, { type: said, shape }: SaidTensor): void {
  if (said !== undefined && said !== type)
    throw new BadInput('dtype', name, `has elements of type ${said}, and the model takes ${type}`);
  if (expected === undefined) return;
  const fits = shape.length === expected.length && expected.every((size, at) => size < 0 || size === shape[at]);
  if (!fits)
    throw new BadInput('shape', name, `has shape [${shape.join(',')}], and the model takes [${expected.join(',')}]`);
}
