import type { LoadedServable } from '@adstocrat/inference';
import { arraySeparator } from '@adstocrat/transforms';
import { imageBytesName, predictionIdName, scoreName } from './names.ts';

/** An input that requests may give, all are optional: a raw column of the model, or `image_bytes`, `prediction_id`. Shape [rows]. */
export interface InputSpec {
  readonly name: string;
  /** `bytes` are those of an image; a `string` is UTF-8. */
  readonly type: 'string' | 'integer' | 'float' | 'bytes';
  /** What stands between the values of a column that the model reads as a list. */
  readonly separator?: string;
}

/** An output, [rows]. `prediction_id` is there where it was asked for, or where there are too many for a header. */
export interface OutputSpec {
  readonly name: string;
  readonly type: 'float32' | 'string';
}

/** What a version takes and answers that scores clicks. */
export interface ModelSignature {
  readonly kind: 'clicks';
  readonly inputs: readonly InputSpec[];
  /** Those of the inputs that are raw columns. */
  readonly columns: readonly InputSpec[];
  readonly outputs: readonly OutputSpec[];
}

const known = new WeakMap<object, ModelSignature>();

/** The same object for the same servable: each request asks. */
export function signatureOf(servable: Pick<LoadedServable, 'schema' | 'transform'>): ModelSignature {
  let signature = known.get(servable);
  if (signature === undefined) known.set(servable, (signature = listed(servable)));
  return signature;
}

function listed(servable: Pick<LoadedServable, 'schema' | 'transform'>): ModelSignature {
  const images: readonly InputSpec[] =
    servable.transform.image === undefined ? [] : [{ name: imageBytesName, type: 'bytes' }];
  const columns = servable.schema.columns.map(({ name, type }): InputSpec => {
    const separator = arraySeparator(servable.transform, name);
    return { name, type, ...(typeof separator === 'string' && { separator }) };
  });
  return {
    kind: 'clicks',
    columns,
    inputs: [...columns, ...images, { name: predictionIdName, type: 'string' }],
    outputs: [
      { name: scoreName, type: 'float32' },
      { name: predictionIdName, type: 'string' },
    ],
  };
}
