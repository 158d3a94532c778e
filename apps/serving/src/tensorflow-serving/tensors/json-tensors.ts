import { InvalidRequest } from '@adstocrat/service-kit';
import { type InferenceLimits, refuseSize } from '../../infer/admit.ts';
import type { MixedValue } from '../../infer/tensor.ts';
import { isBase64 } from '../json-base64.ts';
import { JsonObject, type JsonValue } from '../json-document.ts';
import { elementError } from '../json-inputs.ts';
import { denseShape, fillTensor } from '../json-tensor.ts';
import { jsonText } from '../json-text.ts';
import { predictFormat } from '../predict-format.ts';
import { namesOf } from '../signatures.ts';

/** A tensor of a body: its values in row-major order. */
export interface JsonTensor {
  readonly shape: readonly number[];
  readonly values: readonly MixedValue[];
}

export interface JsonTensors {
  readonly format: 'row' | 'column';
  readonly inputs: ReadonlyMap<string, JsonTensor>;
}

/**
 * The tensors of a predict body for a model of its own inputs, in its row format, whose instances are put behind each other, or its
 * column format. Throws {@link InvalidRequest} in TensorFlow Serving's words, or `TooLarge`.
 */
export function jsonTensors(body: JsonObject, names: ReadonlySet<string>, limits: InferenceLimits): JsonTensors {
  const given = predictFormat(body);
  if (given.format === 'row') return { format: 'row', inputs: stacked(given.instances, names, limits) };
  const { inputs } = given;
  const named = namedIn(inputs);
  if (named === undefined && names.size !== 1)
    throw new InvalidRequest(
      'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
    );
  const tensors = new Map<string, JsonTensor>();
  let elements = 0;
  for (const name of names) {
    const value = named === undefined ? inputs : named.get(name);
    if (value === undefined) throw new InvalidRequest(`Missing named input: ${name} in 'inputs' object.`);
    const tensor = tensorIn(value);
    refuseSize(name, tensor.values.length, (elements += tensor.values.length), limits);
    tensors.set(name, tensor);
  }
  const other = named?.names.find((name) => !names.has(name));
  if (other !== undefined) throw new InvalidRequest(`JSON object: does not have named input: ${other}`);
  return { format: 'column', inputs: tensors };
}

/** An object of names; undefined for what is a value. */
function namedIn(value: JsonValue): JsonObject | undefined {
  // isBase64 would narrow what is no base64 to never.
  const isValue: boolean = isBase64(value);
  return value instanceof JsonObject && !isValue ? value : undefined;
}

function tensorIn(value: JsonValue): JsonTensor {
  const shape = denseShape(value);
  const values: MixedValue[] = [];
  fillTensor(value, shape, values);
  return { shape, values };
}

/** Each input's instances behind each other: they have the same shape. */
function stacked(
  instances: readonly JsonValue[],
  names: ReadonlySet<string>,
  limits: InferenceLimits,
): ReadonlyMap<string, JsonTensor> {
  const [first] = instances;
  const isNamed = first !== undefined && namedIn(first) !== undefined;
  if (!isNamed && names.size !== 1)
    throw new InvalidRequest(
      'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    );
  const columns = new Map(
    Array.from(names, (name) => [name, { shape: [] as readonly number[], values: [] as MixedValue[] }]),
  );
  let elements = 0;
  for (const [row, instance] of instances.entries()) {
    const object = namedIn(instance);
    if (isNamed !== (object !== undefined))
      throw new InvalidRequest(
        isNamed
          ? `Expecting object but got list at item ${row} of input list`
          : `Expecting value/list but got object at item ${row} of input list`,
      );
    if (object !== undefined && (object.names.length !== names.size || !object.names.every((name) => names.has(name))))
      throw new InvalidRequest(
        `Failed to process element: ${row} of 'instances' list. JSON object: ${jsonText(object)} keys must be equal to: ${namesOf(names)}`,
      );
    for (const [name, column] of columns) {
      const before = column.values.length;
      try {
        addInstance(column, row, (object === undefined ? instance : object.get(name)) as JsonValue);
      } catch (error) {
        throw error instanceof InvalidRequest
          ? elementError(row, object === undefined ? undefined : name, error)
          : error;
      }
      refuseSize(name, column.values.length, (elements += column.values.length - before), limits);
    }
  }
  return new Map(
    Array.from(columns, ([name, { shape, values }]) => [name, { shape: [instances.length, ...shape], values }]),
  );

  function addInstance(
    column: { shape: readonly number[]; values: MixedValue[] },
    row: number,
    value: JsonValue,
  ): void {
    const shape = denseShape(value);
    if (row === 0) column.shape = shape;
    else if (shape.join() !== column.shape.join())
      throw new InvalidRequest(`Expecting shape [${column.shape.join(',')}] but got: [${shape.join(',')}]`);
    fillTensor(value, shape, column.values);
  }
}
