import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { InvalidRequest } from '@adstocrat/service-kit';
import { columnOf, type RawInput, textsOf } from './raw-input.ts';
import { predictionIdName } from './wire-names.ts';

/** An input that is no column, beside the prediction ids. */
const imageBytesInput = 'image_bytes';

/** A request's rows as a servable takes them. */
export interface RequestRows {
  readonly batch: ColumnarBatch;
  /** Encoded images a row; absent where none was sent. */
  readonly images?: readonly (Uint8Array | null)[];
}

/** The rows of a request. Throws {@link InvalidRequest} where its inputs do not agree on them. */
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

/** The inputs as columns of a servable. Throws {@link InvalidRequest} for an input that the servable does not have. */
export function requestRows(
  servable: LoadedServable,
  inputs: ReadonlyMap<string, RawInput>,
  rows: number,
): RequestRows {
  const columns = new Map<string, Column>();
  const unknown: string[] = [];
  let images: readonly (Uint8Array | null)[] | undefined;
  for (const [name, input] of inputs) {
    if (name === predictionIdName) continue;
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
      `no such input: ${unknown.map((name) => `"${name}"`).join(', ')}. The model takes ${known}, ${predictionIdName} and ${imageBytesInput}`,
    );
  }
  const batch = { rows, columns };
  return images === undefined ? { batch } : { batch, images };
}

function imagesOf(input: RawInput): readonly (Uint8Array | null)[] {
  if (input.kind === 'bytes') return input.values.map((value) => (value.length === 0 ? null : value));
  if (textsOf(input).every((value) => value === null)) return textsOf(input).map(() => null);
  throw new InvalidRequest(`${imageBytesInput} holds the bytes of images: DT_STRING over gRPC, {"b64": …} over REST`);
}
