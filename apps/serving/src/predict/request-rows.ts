import { uuidV7 } from '@adstocrat/event-bus';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { InvalidRequest } from '@adstocrat/service-kit';
import { columnOf, type RawInput, textsOf } from './raw-input.ts';

/** Inputs that are no columns. */
const predictionIdInput = 'prediction_id';
const imageBytesInput = 'image_bytes';

/** A request's rows as a servable takes them. */
export interface RequestRows {
  readonly batch: ColumnarBatch;
  readonly predictionIds: readonly string[];
  /** Encoded images a row; absent where none was sent. */
  readonly images?: readonly (Uint8Array | null)[];
}

/** The rows of a request, and its first prediction id where one was given: what routing needs before a version is chosen. */
export function rowCount(inputs: ReadonlyMap<string, RawInput>): number {
  let rows: number | undefined;
  let first = '';
  for (const [name, { values }] of inputs) {
    if (rows === undefined) [rows, first] = [values.length, name];
    else if (values.length !== rows)
      throw new InvalidRequest(
        `inputs must have as many rows as each other: "${first}" has ${rows}, "${name}" has ${values.length}`,
      );
  }
  if (rows === undefined) throw new InvalidRequest('the request has no input');
  return rows;
}

/** One id a row: the request's, or new UUIDv7s. */
export function predictionIdsOf(inputs: ReadonlyMap<string, RawInput>, rows: number): readonly string[] {
  const given = inputs.get(predictionIdInput);
  if (given === undefined) return Array.from({ length: rows }, () => uuidV7());
  return textsOf(given).map((id) => id ?? uuidV7());
}

/** The inputs as columns of a servable. Throws {@link InvalidRequest} for an input that the servable does not have. */
export function requestRows(
  servable: LoadedServable,
  inputs: ReadonlyMap<string, RawInput>,
  predictionIds: readonly string[],
): RequestRows {
  const columns = new Map<string, Column>();
  const unknown: string[] = [];
  let images: readonly (Uint8Array | null)[] | undefined;
  for (const [name, input] of inputs) {
    if (name === predictionIdInput) continue;
    if (name === imageBytesInput) {
      images = imagesOf(input);
      continue;
    }
    const column = servable.schema.columns.find((one) => one.name === name);
    if (column === undefined) unknown.push(name);
    else columns.set(name, columnOf(name, column.type, input));
  }
  if (unknown.length > 0) {
    const known = servable.schema.columns.map(({ name }) => name).join(', ');
    throw new InvalidRequest(
      `no such input: ${unknown.map((name) => `"${name}"`).join(', ')}. The model takes ${known}, ${predictionIdInput} and ${imageBytesInput}`,
    );
  }
  const batch = { rows: predictionIds.length, columns };
  return images === undefined ? { batch, predictionIds } : { batch, predictionIds, images };
}

function imagesOf(input: RawInput): readonly (Uint8Array | null)[] {
  if (input.kind === 'bytes') return input.values.map((value) => (value.length === 0 ? null : value));
  if (textsOf(input).every((value) => value === null)) return textsOf(input).map(() => null);
  throw new InvalidRequest(`${imageBytesInput} holds the bytes of images: DT_STRING over gRPC, {"b64": …} over REST`);
}
