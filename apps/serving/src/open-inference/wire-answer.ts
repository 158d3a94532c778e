import { openInference as v2 } from '@adstocrat/schemas';
import { shortestFloat } from '../json/shortest-float.ts';
import { rawBytes, rawFloats } from './raw-values.ts';

/** An answer of the Open Inference Protocol, before it is written for gRPC or REST. */
export interface WireAnswer {
  readonly model: string;
  readonly version: string;
  readonly id: string;
  readonly outputs: readonly WireOutput[];
}

/** An output of shape [rows]. */
export type WireOutput = { readonly name: string; /** As binary data behind the JSON. */ readonly binary: boolean } & (
  | { readonly datatype: 'FP32'; readonly values: Float32Array }
  | { readonly datatype: 'BYTES'; readonly values: readonly string[] }
);

/** As a gRPC message, its data in `raw_output_contents` or in each output's `contents`. */
export function grpcAnswer({ model, version, id, outputs }: WireAnswer, raw: boolean): v2.ModelInferResponse {
  return {
    modelName: model,
    modelVersion: version,
    id,
    parameters: new Map(),
    outputs: outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: [BigInt(output.values.length)],
      parameters: new Map(),
      contents: raw ? undefined : contentsOf(output),
    })),
    rawOutputContents: raw ? outputs.map(rawOf) : [],
  };
}

/** As a REST body: JSON, and behind it the data of the outputs that are binary, whose place then begins at `headerLength`. */
export function jsonAnswer({ model, version, id, outputs }: WireAnswer): {
  readonly body: Buffer;
  readonly headerLength?: number;
} {
  const binary: Buffer[] = [];
  const head = {
    model_name: model,
    model_version: version,
    ...(id === '' ? {} : { id }),
    outputs: outputs.map((output) => {
      const { name, datatype, values } = output;
      const about = { name, datatype, shape: [values.length] };
      if (!output.binary) return { ...about, data: output.datatype === 'FP32' ? decimals(output.values) : values };
      const data = rawOf(output);
      binary.push(data);
      return { ...about, parameters: { binary_data_size: data.length } };
    }),
  };
  const json = Buffer.from(JSON.stringify(head));
  return binary.length === 0 ? { body: json } : { body: Buffer.concat([json, ...binary]), headerLength: json.length };
}

function rawOf(output: WireOutput): Buffer {
  return output.datatype === 'FP32' ? rawFloats(output.values) : rawBytes(output.values.map((id) => Buffer.from(id)));
}

function contentsOf(output: WireOutput): v2.InferTensorContents {
  return v2.InferTensorContents.create(
    output.datatype === 'FP32'
      ? { fp32Contents: Array.from(output.values) }
      : { bytesContents: output.values.map((id) => Buffer.from(id)) },
  );
}

function decimals(values: Float32Array): readonly number[] {
  return Array.from(values, shortestFloat);
}
