import type { Random } from '@adstocrat/adworld';
import { sampleRows, sampleTypes } from '@adstocrat/transforms/testing';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { knownPictures, model, pictureColumn } from './write-version.ts';

/** A request and the ids of its rows. */
export interface RandomRequest {
  readonly request: tfs.PredictRequest;
  readonly ids: readonly string[];
}

/** Rows in a request: one, few, more than the engine runs at once, more than are scored in one go. */
const sizes = [1, 1, 2, 7, 60, 150, 300];

/**
 * Draws requests without end: rows of a click log with missing values, columns left out, personal values, keys that the table knows and
 * does not, images by name, by bytes and neither. `pictures`: encoded images.
 */
export function* randomRequests(
  random: Random,
  versions: number,
  pictures: readonly Uint8Array[],
): Generator<RandomRequest, never> {
  for (let first = 0; ;) {
    const rows = sizes[random.below(sizes.length)] ?? 1;
    const version = 1 + random.below(versions);
    const ids = Array.from({ length: rows }, (_, row) => `replay/${first + row}`);
    yield { ids, request: requestOf(random, version, first, ids, pictures) };
    first += rows;
  }
}

function requestOf(
  random: Random,
  version: number,
  first: number,
  ids: readonly string[],
  pictures: readonly Uint8Array[],
): tfs.PredictRequest {
  const inputs = new Map([['prediction_id', texts(ids)]]);
  for (const [name, { values }] of sampleRows(first, ids.length).columns) {
    if (!sampleTypes.has(name) || random.below(10) === 0) continue;
    inputs.set(name, values instanceof Float64Array ? numbers(values) : texts(values.map((value) => value ?? '')));
  }
  const names = [...knownPictures, 'unknown.png', ''];
  if (random.below(3) > 0) inputs.set(pictureColumn, texts(ids.map(() => names[random.below(names.length)] ?? '')));
  if (random.below(2) > 0)
    inputs.set('image_bytes', texts(ids.map(() => pictures[random.below(pictures.length + 2)] ?? '')));
  return tfs.PredictRequest.create({ modelSpec: { name: model, signatureName: '', version: BigInt(version) }, inputs });
}

function texts(values: readonly (string | Uint8Array)[]): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_STRING,
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
    stringVal: values.map((value) => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value))),
  });
}

function numbers(values: Float64Array): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_DOUBLE,
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
    doubleVal: [...values],
  });
}
