import { InvalidRequest } from '@adstocrat/service-kit';
import { joinHint } from '../infer/list-value.ts';
import type { InputSpec, ModelSignature } from '../infer/model-signature.ts';
import { type Datatype, traitsOf } from './datatype.ts';
import { requestPrefix } from './failure-words.ts';
import type { WireInput, WireRequest } from './wire-request.ts';

/** The datatype that metadata tells of an input. */
export function datatypeOfInput({ type }: InputSpec): Datatype {
  switch (type) {
    case 'integer':
      return 'INT64';
    case 'float':
      return 'FP64';
    default:
      return 'BYTES';
  }
}

/** The datatype that metadata tells of an output. */
export function datatypeOfOutput({ type }: ModelSignature['outputs'][number]): Datatype {
  return type === 'float32' ? 'FP32' : 'BYTES';
}

/**
 * Throws {@link InvalidRequest}, in Triton's words, for an input of another datatype or shape than the model takes, and for an output that
 * it does not have. Inputs that the signature does not name are left to the version that answers.
 */
export function checkRequest(model: string, { id, inputs, outputs }: WireRequest, signature: ModelSignature): void {
  for (const input of inputs) {
    const expected = expectedOf(signature).get(input.name);
    if (expected === undefined) continue;
    if (!takes(expected, input.datatype))
      throw new InvalidRequest(
        `${requestPrefix(id)}inference input '${input.name}' data-type is '${input.datatype}', but model '${model}' expects '${expected}'`,
      );
    checkShape(model, id, input, signature);
  }
  for (const { name } of outputs)
    if (!signature.outputs.some((output) => output.name === name))
      throw new InvalidRequest(`unexpected inference output '${name}' for model '${model}'`);
}

const expectedBy = new WeakMap<ModelSignature, ReadonlyMap<string, Datatype>>();

/** The datatype that each input is expected to have. */
function expectedOf(signature: ModelSignature): ReadonlyMap<string, Datatype> {
  let expected = expectedBy.get(signature);
  if (expected === undefined) {
    expected = new Map(signature.inputs.map((input) => [input.name, datatypeOfInput(input)]));
    expectedBy.set(signature, expected);
  }
  return expected;
}

/**
 * Numbers may be narrower than what the model takes, and integers may come as floating point, since only that knows NaN, a missing
 * value. Which numbers are no integers is looked at in each row.
 */
function takes(expected: Datatype, given: Datatype): boolean {
  const { kind } = traitsOf(given);
  if (expected === 'BYTES') return kind === 'bytes';
  return kind === 'float' || (kind === 'int' && expected === 'INT64');
}

function checkShape(model: string, id: string, { name, shape }: WireInput, { columns }: ModelSignature): void {
  if (shape.length <= 1 || (shape.length === 2 && shape[1] === 1)) return;
  const hint = joinHint(columns.find((column) => column.name === name)?.separator);
  throw new InvalidRequest(
    `${requestPrefix(id)}unexpected shape for input '${name}' for model '${model}'. Expected [-1] or [-1,1], got [${shape.join(',')}]${hint}`,
  );
}
