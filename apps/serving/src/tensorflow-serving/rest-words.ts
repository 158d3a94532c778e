import { InvalidRequest, type ServiceFailure } from '@adstocrat/service-kit';
import { BadInput } from '../infer/inference-failure.ts';
import { ListValue } from '../infer/list-value.ts';
import type { InputTensors, MixedValue } from '../infer/tensor.ts';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { JsonObject, type JsonValue } from './json-document.ts';
import { elementError } from './json-inputs.ts';
import { jsonText, jsonTypeName } from './json-text.ts';
import { modelWords } from './words.ts';

const { DataType } = tfs;
const typeNames: Readonly<Record<number, string>> = {
  [DataType.DT_FLOAT]: 'float',
  [DataType.DT_INT64]: 'int64',
  [DataType.DT_STRING]: 'string',
};

/** A predict body, once its inputs are read. */
export interface ReadBody {
  readonly format: 'row' | 'column';
  readonly inputs: InputTensors;
  /** The signature's type of an input. */
  readonly dtypeOf: (name: string) => tfs.DataType | undefined;
}

/** What is wrong with a value, in TensorFlow Serving's words where the value is of another type than the input. */
export function bodyWords(error: unknown, { format, inputs, dtypeOf }: ReadBody): unknown {
  if (!(error instanceof BadInput)) return modelWords(error);
  const { input, row, reason } = error;
  if (reason === 'unknown') return wrapped(new InvalidRequest(`JSON object: does not have named input: ${input}`));
  if (row === undefined) return error;
  const value = inputs.get(input)?.values[row];
  const dtype = dtypeOf(input);
  return wrapped(
    value === undefined || value instanceof ListValue || dtype === undefined || isOf(dtype, value as MixedValue)
      ? error
      : typeError(value as MixedValue, dtype),
  );

  function wrapped(failure: ServiceFailure): ServiceFailure {
    return format === 'row' ? elementError(row ?? 0, input, failure) : failure;
  }
}

function typeError(value: MixedValue, dtype: tfs.DataType): InvalidRequest {
  const json: JsonValue =
    value instanceof Uint8Array ? new JsonObject(['b64'], [Buffer.from(value).toString('base64')]) : value;
  return new InvalidRequest(
    `JSON Value: ${jsonText(json)} Type: ${jsonTypeName(json)} is not of expected type: ${typeNames[dtype] ?? ''}`,
  );
}

function isOf(dtype: tfs.DataType, value: MixedValue): boolean {
  // A text input takes numbers too, as their digits.
  if (value === null || dtype === DataType.DT_STRING) return true;
  if (dtype === DataType.DT_INT64) return typeof value === 'bigint' || Number.isInteger(value);
  return typeof value === 'number' || typeof value === 'bigint';
}
