import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { InvalidRequest } from '@adstocrat/service-kit';
import { columnOf, type RawInput, textsOf } from './raw-input.ts';
import { predictionIdName } from './wire-names.ts';

/** An input that is no column, beside the prediction ids. */
const imageBytesInput = 'image_bytes';

const maxRows = 262_144;
/** Rows × inputs: a few bytes of a request may stand for many of both. */
const maxCells = 4_194_304;

/** Throws {@link InvalidRequest} where an input's rows, or the cells of all inputs, are more than are answered at once. */
export function refuseSize(name: string, rows: number, cells: number): void {
  if (rows > maxRows)
    throw new InvalidRequest(`input "${name}" has ${rows} rows: at most ${maxRows} are answered at once`);
  if (cells > maxCells)
    throw new InvalidRequest(
      `with input "${name}" the request has ${cells} values, rows × inputs: at most ${maxCells} are answered at once`,
    );
}

/** Throws {@link InvalidRequest} for names that are none of the columns and no other input. */
export function refuseUnknown(names: Iterable<string>, columns: ReadonlySet<string>): void {
  const unknown = [...names].filter(
    (name) => !columns.has(name) && name !== predictionIdName && name !== imageBytesInput,
  );
  if (unknown.length === 0) return;
  throw new InvalidRequest(
    `no such input: ${unknown.map((name) => `"${name}"`).join(', ')}. The model takes ${[...columns].join(', ')}, ${predictionIdName} and ${imageBytesInput}`,
  );
}

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
  const types = new Map(servable.schema.columns.map(({ name, type }) => [name, type]));
  refuseUnknown(inputs.keys(), new Set(types.keys()));
  let images: readonly (Uint8Array | null)[] | undefined;
  for (const [name, input] of inputs) {
    if (name === predictionIdName) continue;
    if (name === imageBytesInput) {
      images = imagesOf(input);
      continue;
    }
    const type = types.get(name);
    if (type !== undefined) columns.set(name, columnOf(name, type, input));
  }
  const batch = { rows, columns };
  return images === undefined ? { batch } : { batch, images };
}

function imagesOf(input: RawInput): readonly (Uint8Array | null)[] {
  if (input.kind === 'bytes') return input.values.map((value) => (value.length === 0 ? null : value));
  if (textsOf(input).every((value) => value === null)) return textsOf(input).map(() => null);
  throw new InvalidRequest(`${imageBytesInput} holds the bytes of images: DT_STRING over gRPC, {"b64": …} over REST`);
}
