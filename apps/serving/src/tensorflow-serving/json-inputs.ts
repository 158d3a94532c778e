import { InvalidRequest, type ServiceFailure } from '@adstocrat/service-kit';
import { type InferenceLimits, refuseSize } from '../infer/admit.ts';
import { ListValue } from '../infer/list-value.ts';
import type { InputTensor, InputTensors, MixedValue } from '../infer/tensor.ts';
import { isBase64 } from './json-base64.ts';
import { JsonObject, type JsonValue } from './json-document.ts';
import { denseShape, fillTensor } from './json-tensor.ts';
import { predictFormat } from './predict-format.ts';
import { namesOf } from './signatures.ts';

/** The inputs of a predict body, in its row or its column format. */
export interface JsonInputs {
  readonly format: 'row' | 'column';
  readonly inputs: InputTensors;
}

/** What bounds a body: the names that the signature takes, and the size of what is answered at once. */
export interface BodyBounds {
  readonly names: ReadonlySet<string>;
  /** Those of which a row may have a list. */
  readonly lists: Lists;
  readonly limits: InferenceLimits;
}

/** Names of columns that are read as lists. */
type Lists = Pick<ReadonlySet<string>, 'has'>;

/**
 * Reads the tensors of a predict body. An input that a row leaves out is missing there; one that is read as a list may have one in a row. Throws {@link InvalidRequest} in TensorFlow
 * Serving's words, or `TooLarge`, before anything is made that is much larger than the body.
 */
export function jsonInputs(body: JsonObject, bounds: BodyBounds): JsonInputs {
  const given = predictFormat(body);
  return given.format === 'row'
    ? { format: 'row', inputs: rowInputs(given.instances, bounds) }
    : { format: 'column', inputs: columnInputs(given.inputs, bounds) };
}

function isNamed(value: JsonValue | undefined): value is JsonObject {
  return value instanceof JsonObject && !isBase64(value);
}

/** The name that a value without one stands for; undefined where the signature takes several. */
function onlyName(names: ReadonlySet<string>): string | undefined {
  return names.size === 1 ? [...names][0] : undefined;
}

interface Column {
  readonly values: (MixedValue | ListValue)[];
  /** Of each row that has the input. */
  readonly shape: readonly number[];
  readonly size: number;
}

function rowInputs(instances: readonly JsonValue[], { names, lists, limits }: BodyBounds): InputTensors {
  const rows = instances.length;
  const columns = new Map<string, Column>();
  const add = (row: number, name: string, item: JsonValue): void => {
    let column = columns.get(name);
    if (column === undefined) {
      if (!names.has(name)) throw new InvalidRequest(`JSON object: does not have named input: ${name}`);
      refuseSize(name, rows, (columns.size + 1) * rows, limits);
      columns.set(name, (column = newColumn(rows, lists.has(name) ? null : item)));
    }
    column.values[row] = listOf(name, item, lists) ?? rowValue(item, column);
  };
  const only = onlyName(names);
  const named = isNamed(instances[0]);
  if (!named && only === undefined)
    throw new InvalidRequest(
      'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    );
  for (const [row, instance] of instances.entries()) {
    if (named !== isNamed(instance))
      throw new InvalidRequest(
        named
          ? `Expecting object but got list at item ${row} of input list`
          : `Expecting value/list but got object at item ${row} of input list`,
      );
    let name: string | undefined;
    try {
      if (!named) add(row, only ?? '', instance);
      else
        for (let at = 0; at < (instance as JsonObject).names.length; at += 1)
          add(
            row,
            (name = (instance as JsonObject).names[at] as string),
            (instance as JsonObject).values[at] as JsonValue,
          );
    } catch (error) {
      throw error instanceof InvalidRequest ? elementError(row, name, error) : error;
    }
  }
  if (columns.size === 0)
    throw new InvalidRequest(
      `Failed to process element: 0 of 'instances' list. JSON object: {} keys must be equal to: ${namesOf(names)}`,
    );
  return new Map(
    Array.from(columns, ([name, { values, shape }]) => [name, { kind: 'mixed', values, shape: [rows, ...shape] }]),
  );
}

function newColumn(rows: number, item: JsonValue): Column {
  const shape = denseShape(item);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return { values: new Array<MixedValue | ListValue>(rows).fill(null), shape, size };
}

/** A row's list of a column that is read as one; undefined for a value that is none, and for a list of more than plain values. */
function listOf(name: string, item: JsonValue, lists: Lists): ListValue | undefined {
  if (!lists.has(name) || !Array.isArray(item)) return undefined;
  const list = item as readonly JsonValue[];
  if (list.some((one) => Array.isArray(one))) return undefined;
  const values: MixedValue[] = [];
  fillTensor(list, [list.length], values);
  return new ListValue(values);
}

/** One row's value. One that has several is refused where all rows are known to have as many: no input takes them. */
function rowValue(item: JsonValue, { shape, size }: Column): MixedValue {
  if (shape.length === 0 && (item === null || typeof item !== 'object')) return item;
  const own = denseShape(item);
  const values: MixedValue[] = [];
  fillTensor(item, own, values);
  if (values.length !== size) throw new InvalidRequest(`Expecting tensor size: ${size} but got: ${values.length}`);
  if (own.length !== shape.length || own.some((dim, at) => dim !== shape[at]))
    throw new InvalidRequest(`Expecting shape [${shape.join(',')}] but got: [${own.join(',')}]`);
  return values[0] ?? null;
}

/** The error that TensorFlow Serving has for one of an element of `instances`. */
export function elementError(row: number, name: string | undefined, error: ServiceFailure): InvalidRequest {
  const key = name === undefined ? '' : ` key: ${name}`;
  return new InvalidRequest(
    `Failed to process element: ${row}${key} of 'instances' list. Error: INVALID_ARGUMENT: ${error.message}`,
    { cause: error },
  );
}

function columnInputs(given: JsonValue, { names, lists, limits }: BodyBounds): InputTensors {
  if (!isNamed(given)) {
    const only = onlyName(names);
    if (only === undefined)
      throw new InvalidRequest(
        'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
      );
    return new Map([[only, columnTensor(only, given, 0, { lists, limits })]]);
  }
  if (given.names.length === 0)
    throw new InvalidRequest(`Missing named input: ${namesOf(names).split(',')[0] ?? ''} in 'inputs' object.`);
  const inputs = new Map<string, InputTensor>();
  let cells = 0;
  for (const [at, name] of given.names.entries()) {
    if (!names.has(name)) throw new InvalidRequest(`JSON object: does not have named input: ${name}`);
    const tensor = columnTensor(name, given.values[at] as JsonValue, cells, { lists, limits });
    cells += tensor.values.length;
    inputs.set(name, tensor);
  }
  return inputs;
}

function columnTensor(
  name: string,
  value: JsonValue,
  cells: number,
  { lists, limits }: Pick<BodyBounds, 'lists' | 'limits'>,
): InputTensor {
  const shape = denseShape(value);
  const rows = shape[0] ?? 1;
  refuseSize(name, rows, cells + rows, limits);
  // Lists in a list are those of its rows, of any length each.
  if (lists.has(name) && Array.isArray(value) && value.some(Array.isArray)) {
    const column = newColumn(rows, null);
    for (const [row, item] of (value as readonly JsonValue[]).entries())
      column.values[row] = listOf(name, item, lists) ?? rowValue(item, column);
    return { kind: 'mixed', values: column.values, shape: [rows] };
  }
  const values: MixedValue[] = [];
  fillTensor(value, shape, values);
  return { kind: 'mixed', values, shape };
}
