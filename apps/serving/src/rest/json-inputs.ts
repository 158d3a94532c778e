import { InvalidRequest } from '@adstocrat/service-kit';
import type { RawInput } from '../predict/raw-input.ts';
import { refuseSize, refuseUnknown } from '../predict/request-rows.ts';

/** A body of TensorFlow Serving's predict call, in its row or its column format. */
export interface JsonInputs {
  readonly format: 'row' | 'column';
  readonly inputs: ReadonlyMap<string, RawInput>;
}

/**
 * Reads a predict body for a model of these columns. Throws {@link InvalidRequest} that says what is wrong with it, before anything
 * is made that is much larger than the body.
 */
export function jsonInputs(body: unknown, columns: ReadonlySet<string>): JsonInputs {
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
    refuseUnknown(Object.keys(inputs), columns);
    return { format: 'column', inputs: columnsOf(Object.entries(inputs)) };
  }
  if (!Array.isArray(instances) || !instances.every(isObject))
    throw new InvalidRequest('"instances" must be a list of objects, one a row');
  return { format: 'row', inputs: columnsOf(valuesByName(instances, columns)) };
}

/** Each input's values, a row that leaves it out null. */
function valuesByName(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: ReadonlySet<string>,
): ReadonlyMap<string, unknown[]> {
  const byName = new Map<string, unknown[]>();
  for (const [row, given] of rows.entries()) {
    for (const [name, value] of Object.entries(given)) {
      let values = byName.get(name);
      if (values === undefined) {
        refuseUnknown([name], columns);
        refuseSize(name, rows.length, (byName.size + 1) * rows.length);
        byName.set(name, (values = new Array<unknown>(rows.length).fill(null)));
      }
      values[row] = value;
    }
  }
  return byName;
}

function columnsOf(given: Iterable<readonly [name: string, values: unknown]>): ReadonlyMap<string, RawInput> {
  let cells = 0;
  return new Map(
    Array.from(given, ([name, values]) => {
      const rows = Array.isArray(values) ? values.length : 1;
      refuseSize(name, rows, (cells += rows));
      return [name, column(name, values)];
    }),
  );
}

/** A list of scalars, or one scalar for one row. Null is missing. */
function column(name: string, given: unknown): RawInput {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  const first = values.find((value) => value !== null);
  if (isObject(first)) return { kind: 'bytes', values: values.map((value, row) => bytesOf(name, row, value)) };
  if (
    values.every((value) => value === null || typeof value === 'number' || typeof value === 'boolean') &&
    first !== undefined
  )
    return { kind: 'number', values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) };
  return {
    kind: 'text',
    values: values.map((value, row) => {
      if (value === null || typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      throw new InvalidRequest(`input "${name}", row ${row}: a string, a number, null or {"b64": …} is expected`);
    }),
  };
}

function bytesOf(name: string, row: number, value: unknown): Uint8Array {
  if (value === null) return new Uint8Array(0);
  if (isObject(value) && typeof value['b64'] === 'string') return Buffer.from(value['b64'], 'base64');
  throw new InvalidRequest(`input "${name}", row ${row}: {"b64": …} is expected as in the other rows`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
