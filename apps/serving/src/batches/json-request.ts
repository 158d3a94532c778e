import { InvalidRequest } from '@adstocrat/service-kit';
import { objectOf, refuseRest, rowOf, targetOf } from '../click/json-request.ts';
import type { BatchRequest } from './batches.ts';
import type { StoreRequest } from './stored-rows.ts';

/** A body of `/rows`: `{"rows": [{"features": {…}, "prediction_id"?}, …], "request_id"?}`. Throws {@link InvalidRequest} or `BadInput`. */
export function storeBody(model: string, body: Buffer): StoreRequest {
  const { rows, request_id, ...rest } = objectOf(body);
  refuseRest(rest, 'the body');
  if (!Array.isArray(rows)) throw new InvalidRequest('"rows" must be a list of {"features": {…}, "prediction_id": …}');
  return { model, rows: rows.map(rowOf), id: textOf('request_id', request_id) };
}

/** A body of `/batches`: `{"batch_id"?, "source_uri"?, "version"? or "label"?, "allow_missing"?, "columns"?}`. Throws {@link InvalidRequest}. */
export function beginBody(model: string, body: Buffer): BatchRequest {
  const { batch_id, source_uri, version, label, allow_missing = false, columns = [], ...rest } = objectOf(body);
  refuseRest(rest, 'the body');
  if (typeof allow_missing !== 'boolean') throw new InvalidRequest('"allow_missing" must be true or false');
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string'))
    throw new InvalidRequest('"columns" must be a list of names');
  const source = textOf('source_uri', source_uri);
  const allowMissing = allow_missing || source === '';
  return { id: textOf('batch_id', batch_id), target: targetOf(model, version, label), source, allowMissing, columns };
}

function textOf(name: string, value: unknown = ''): string {
  if (typeof value !== 'string') throw new InvalidRequest(`"${name}" must be a text`);
  return value;
}
