import { InvalidRequest } from '@adstocrat/service-kit';
import { BadInput, quoted } from '../infer/inference-failure.ts';
import type { ModelTarget } from '../infer/inference-request.ts';
import { ListValue } from '../infer/list-value.ts';
import type { MixedValue } from '../infer/tensor.ts';
import { bytesOfBase64 } from '../json/base64.ts';
import { parseExactJson } from '../json/exact-json.ts';
import type { ClickRequest, ClickRow } from './click-request.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** A body of `/score`: `{"features": {…}, "prediction_id"?, "version"? or "label"?, "unlogged"?, "tokens"?}`. Throws {@link InvalidRequest} or {@link BadInput}. */
export function scoreBody(model: string, body: Buffer): ClickRequest {
  const { features, prediction_id, ...common } = objectOf(body);
  return { ...commonOf(model, common), rows: [rowOf({ features, prediction_id }, 0)] };
}

/** A body of `/score-many`: `{"rows": [{"features": {…}, "prediction_id"?}, …], …}`, else as {@link scoreBody}. */
export function scoreManyBody(model: string, body: Buffer): ClickRequest {
  const { rows, ...common } = objectOf(body);
  if (!Array.isArray(rows)) throw new InvalidRequest('"rows" must be a list of {"features": {…}, "prediction_id": …}');
  return { ...commonOf(model, common), rows: rows.map(rowOf) };
}

/** Throws {@link InvalidRequest} for a body that is no JSON object. */
export function objectOf(body: Buffer): JsonObject {
  let value: unknown;
  try {
    value = parseExactJson(body.toString('utf8'));
  } catch (error) {
    throw new InvalidRequest(`the body is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isObject(value)) throw new InvalidRequest('the body must be a JSON object');
  return value;
}

function commonOf(
  model: string,
  { version, label, unlogged = false, tokens = false, ...rest }: JsonObject,
): Omit<ClickRequest, 'rows'> {
  refuseRest(rest, 'the body');
  if (typeof unlogged !== 'boolean') throw new InvalidRequest('"unlogged" must be true or false');
  if (typeof tokens !== 'boolean') throw new InvalidRequest('"tokens" must be true or false');
  return { target: targetOf(model, version, label), unlogged, tokens };
}

export function targetOf(model: string, version: unknown, label: unknown): ModelTarget {
  if (version !== undefined && label !== undefined) throw new InvalidRequest('"version" or "label", not both');
  if (label !== undefined) {
    if (typeof label !== 'string') throw new InvalidRequest('"label" must be a text');
    return { model, label };
  }
  if (version === undefined) return { model };
  if (!Number.isSafeInteger(version) || (version as number) < 0)
    throw new InvalidRequest(`"version" must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
  return { model, version: version as number };
}

export function rowOf(value: unknown, row: number): ClickRow {
  if (!isObject(value)) throw new InvalidRequest(`row ${row} must be {"features": {…}, "prediction_id": …}`);
  const { features = {}, prediction_id: predictionId = '', ...rest } = value;
  refuseRest(rest, `row ${row}`);
  if (!isObject(features)) throw new InvalidRequest(`"features" of row ${row} must be an object of names and values`);
  if (typeof predictionId !== 'string') throw new InvalidRequest(`"prediction_id" of row ${row} must be a text`);
  return { predictionId, features: Object.entries(features).map(([name, cell]) => [name, cellOf(name, cell, row)]) };
}

function cellOf(name: string, value: unknown, row: number): MixedValue | ListValue {
  return Array.isArray(value) ? new ListValue(value.map((one) => valueOf(name, one, row))) : valueOf(name, value, row);
}

function valueOf(name: string, value: unknown, row: number): MixedValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default: {
      if (value === null) return null;
      if (Array.isArray(value)) throw new BadInput('value', name, 'a list holds more than plain values', row);
      const { b64, ...rest } = value as JsonObject;
      const bytes = typeof b64 === 'string' && Object.keys(rest).length === 0 ? bytesOfBase64(b64) : undefined;
      if (bytes !== undefined) return bytes;
      throw new BadInput('value', name, 'a text, a number, true, false, null or {"b64": base64} is expected', row);
    }
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws {@link InvalidRequest} where anything is left. */
export function refuseRest(rest: JsonObject, where: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new InvalidRequest(`${where} has a name ${quoted(unknown)} that means nothing here`);
}
