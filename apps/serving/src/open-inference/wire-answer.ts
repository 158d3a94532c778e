import { openInference as v2 } from '@adstocrat/schemas';
import type { ElementTensor } from '@adstocrat/inference';
import { shortestFloat } from '../json/shortest-float.ts';
import { type Datatype, traitsOf } from './datatype.ts';
import { rawBytes, rawNumbers } from './raw-values.ts';
import { fieldOf } from './typed-contents.ts';

/** An answer of the Open Inference Protocol, before it is written for gRPC or REST. */
export interface WireAnswer {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly outputs: readonly WireOutput[];
}

/** An output. Its values are texts where its datatype is BYTES, else in the array of its datatype; BOOL is 0 and 1. */
export interface WireOutput {
  readonly name: string;
  /** As binary data behind the JSON. */
  readonly binary: boolean;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly values: ElementTensor['data'];
}

/** As a gRPC message, its data in `raw_output_contents` or in each output's `contents`, which some datatypes do not have. */
export function grpcAnswer({ model, version, id, outputs }: WireAnswer, asked: boolean): v2.ModelInferResponse {
  const raw = asked || outputs.some(({ datatype }) => fieldOf(datatype) === undefined);
  return {
    modelName: model,
    modelVersion: version,
    id,
    parameters: new Map(),
    outputs: outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape.map(BigInt),
      parameters: new Map(),
      contents: raw ? undefined : contentsOf(output),
    })),
    rawOutputContents: raw ? outputs.map(rawOf) : [],
  };
}

/** As a REST body: JSON, and behind it the data of the outputs that are binary, whose place then begins at `headerLength`. */
export function jsonAnswer({ model, version, id, outputs }: WireAnswer): {
  /** Text where all of it is JSON: Node sends that in one piece with the headers. */
  readonly body: Buffer | string;
  readonly headerLength?: number;
} {
  const binary: Buffer[] = [];
  const head = {
    model_name: model,
    model_version: version,
    ...(id === '' ? {} : { id }),
    outputs: outputs.map((output) => {
      const { name, datatype, shape } = output;
      const about = { name, datatype, shape };
      if (!output.binary) return { ...about, data: jsonData(output) };
      const data = rawOf(output);
      binary.push(data);
      return { ...about, parameters: { binary_data_size: data.length } };
    }),
  };
  const text = JSON.stringify(head);
  if (binary.length === 0) return { body: text };
  const json = Buffer.from(text);
  return { body: Buffer.concat([json, ...binary]), headerLength: json.length };
}

function rawOf({ values }: WireOutput): Buffer {
  return isTexts(values) ? rawBytes(values.map((text) => Buffer.from(text))) : rawNumbers(values);
}

function contentsOf({ datatype, values }: WireOutput): v2.InferTensorContents {
  const contents = isTexts(values)
    ? values.map((text) => Buffer.from(text))
    : Array.from<number | bigint, unknown>(values, (value) => (datatype === 'BOOL' ? value === 1 : value));
  const field = fieldOf(datatype);
  return { ...v2.InferTensorContents.create(), ...(field && { [field]: contents }) };
}

function jsonData({ datatype, values }: WireOutput): unknown {
  if (isTexts(values)) return values;
  if (datatype === 'BOOL') return Array.from<number | bigint, boolean>(values, (value) => value === 1);
  if (datatype === 'FP32') return Array.from(values as Float32Array, shortestFloat);
  // JSON has no bigints, and readers take an integer's digits as they are.
  if (traitsOf(datatype).bytes === 8 && traitsOf(datatype).kind === 'int')
    return Array.from<number | bigint, unknown>(values, (value) => rawJson(String(value)));
  return Array.from<number | bigint, number>(values, Number);
}

function isTexts(values: ElementTensor['data']): values is readonly string[] {
  return Array.isArray(values);
}

/** Digits that stand in JSON as they are. TypeScript does not know of it yet. */
const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => object };
