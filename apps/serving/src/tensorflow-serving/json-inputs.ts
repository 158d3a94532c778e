import { InvalidRequest } from '@adstocrat/service-kit';
import { type InferenceLimits, refuseSize, refuseUnknown } from '../infer/admit.ts';
import { BadInput } from '../infer/inference-failure.ts';
import type { InputTensor, InputTensors, MixedValue } from '../infer/tensor.ts';

/** A body of TensorFlow Serving's predict call, in its row or its column format. */
export interface JsonInputs {
  readonly format: 'row' | 'column';
  readonly inputs: InputTensors;
}

/** What bounds a body: names that the model takes, and the size of what is answered at once. */
export interface BodyBounds {
  readonly columns: ReadonlySet<string>;
  readonly limits: InferenceLimits;
}

/**
 * Reads a predict body. Throws {@link InvalidRequest} or {@link BadInput} that says what is wrong with it, before anything is made that
 * is much larger than the body.
 */
export function jsonInputs(body: unknown, bounds: BodyBounds): JsonInputs {
  if (!isObject(body)) throw new InvalidRequest('the body must be a JSON object with "instances" or "inputs"');
  const { instances, inputs, signature_name: signature } = body;
  if (signature !== undefined && signature !== '' && signature !== 'serving_default')
    throw new InvalidRequest(`Serving signature name: "${String(signature)}" not found in signature def`);
  if (instances === undefined && inputs === undefined)
    throw new InvalidRequest("Missing 'inputs' or 'instances' key: a list of rows, or a list for each column");
  if (instances !== undefined && inputs !== undefined)
    throw new InvalidRequest("expecting only one of 'inputs' or 'instances' keys to exist");
  if (inputs !== undefined) {
    if (!isObject(inputs)) throw new InvalidRequest('"inputs" must be an object with a list for each column');
    refuseUnknown(Object.keys(inputs), bounds.columns);
    return { format: 'column', inputs: tensorsOf(Object.entries(inputs), bounds) };
  }
  if (!Array.isArray(instances) || !instances.every(isObject))
    throw new InvalidRequest('"instances" must be a list of objects, one a row');
  return { format: 'row', inputs: tensorsOf(valuesByName(instances, bounds), bounds) };
}

/** Each input's values, a row that leaves it out null. */
function valuesByName(
  rows: readonly Readonly<Record<string, unknown>>[],
  { columns, limits }: BodyBounds,
): ReadonlyMap<string, unknown[]> {
  const byName = new Map<string, unknown[]>();
  for (const [row, given] of rows.entries()) {
    for (const [name, value] of Object.entries(given)) {
      let values = byName.get(name);
      if (values === undefined) {
        refuseUnknown([name], columns);
        refuseSize(name, rows.length, (byName.size + 1) * rows.length, limits);
        byName.set(name, (values = new Array<unknown>(rows.length).fill(null)));
      }
      values[row] = value;
    }
  }
  return byName;
}

function tensorsOf(given: Iterable<readonly [name: string, values: unknown]>, { limits }: BodyBounds): InputTensors {
  let cells = 0;
  return new Map(
    Array.from(given, ([name, values]) => {
      const rows = Array.isArray(values) ? values.length : 1;
      refuseSize(name, rows, (cells += rows), limits);
      return [name, tensorOf(name, values)];
    }),
  );
}

/** A list of scalars, or one scalar for one row. */
function tensorOf(name: string, given: unknown): InputTensor {
  const values = Array.isArray(given) ? given : [given];
  return { kind: 'mixed', values: values.map((value, row) => valueOf(name, row, value)), shape: [values.length] };
}

function valueOf(name: string, row: number, value: unknown): MixedValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    default:
      if (value === null) return value;
      return bytesOf(name, row, value);
  }
}

function bytesOf(name: string, row: number, value: unknown): Uint8Array {
  if (!isObject(value) || typeof value['b64'] !== 'string' || Object.keys(value).length !== 1)
    throw new BadInput('value', name, 'a string, a number, true, false, null or {"b64": …} is expected', row);
  const text = value['b64'];
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64, and then there are fewer bytes than the text stands for.
  const digits = text.replace(/={1,2}$/, '').length;
  if (digits % 4 === 1 || bytes.length !== Math.floor((digits * 3) / 4))
    throw new BadInput('value', name, 'its b64 is no base64', row);
  return bytes;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
