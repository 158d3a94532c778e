import { InvalidRequest } from '@adstocrat/service-kit';
import type { MixedValue } from '../infer/tensor.ts';
import { base64Bytes, isBase64 } from './json-base64.ts';
import { JsonObject, type JsonValue } from './json-document.ts';
import { jsonText } from './json-text.ts';

type JsonList = readonly JsonValue[];

/** The shape that a value has if it is regular: a scalar none, a list its size, then its first element's shape. */
export function denseShape(value: JsonValue): readonly number[] {
  const shape: number[] = [];
  for (let inner: JsonValue | undefined = value; Array.isArray(inner); inner = (inner as JsonList)[0])
    shape.push(inner.length);
  return shape;
}

/** Appends the values of a regular list of this shape. Throws {@link InvalidRequest} in TensorFlow Serving's words where it is not. */
export function fillTensor(value: JsonValue, shape: readonly number[], values: MixedValue[], level = 0): void {
  if (!Array.isArray(value)) {
    if (level !== shape.length)
      throw new InvalidRequest(
        `JSON Value: ${jsonText(value)} found at incorrect level: ${level + 1} in the JSON DOM. Expected at level: ${shape.length}`,
      );
    values.push(scalarOf(value));
    return;
  }
  const list = value as JsonList;
  if (level >= shape.length)
    throw new InvalidRequest(`Encountered list at unexpected level: ${level} expected < ${shape.length}`);
  if (list.length !== shape[level])
    throw new InvalidRequest(
      `Encountered list at unexpected size: ${list.length} at level: ${level} expected size: ${shape[level]}`,
    );
  for (const item of list) fillTensor(item, shape, values, level + 1);
}

/** A value that is no list. Throws {@link InvalidRequest} for an object that is no {"b64": …}. */
function scalarOf(value: JsonValue): MixedValue {
  if (!(value instanceof JsonObject)) return value as MixedValue;
  if (!isBase64(value))
    throw new InvalidRequest(`JSON Value: ${jsonText(value)} not formatted correctly for base64 data`);
  const bytes = base64Bytes(value);
  if (bytes === undefined) throw new InvalidRequest('Unable to base64 decode');
  return bytes;
}
