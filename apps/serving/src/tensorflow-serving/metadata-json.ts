import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { ModelDescription } from '../infer/model-description.ts';
import { signatureDefsOf } from './signature-def.ts';

const dtypeNames = new Map(Object.entries(tfs.DataType).map(([name, value]) => [value as number, name]));

/** The body of a metadata answer: what GetModelMetadata answers, in protobuf's JSON with the fields' own names. */
export function metadataJson({ model, version, signature }: ModelDescription): unknown {
  const signatures = Array.from(signatureDefsOf(signature), ([name, one]) => [name, signatureJson(one)]);
  return {
    model_spec: { name: model, signature_name: '', version: String(version) },
    metadata: { signature_def: { signature_def: recordOf(signatures as [string, unknown][]) } },
  };
}

function signatureJson({ inputs, outputs, methodName, defaults }: tfs.SignatureDef): unknown {
  return {
    inputs: recordOf(Array.from(inputs, ([name, info]) => [name, infoJson(info)])),
    outputs: recordOf(Array.from(outputs, ([name, info]) => [name, infoJson(info)])),
    method_name: methodName,
    defaults: recordOf(Array.from(defaults, ([name, tensor]) => [name, tensorJson(tensor)])),
  };
}

function infoJson({ name, dtype, tensorShape }: tfs.TensorInfo): unknown {
  return { name, dtype: dtypeNames.get(dtype), tensor_shape: shapeJson(tensorShape) };
}

function tensorJson({ dtype, tensorShape, stringVal, floatVal }: tfs.TensorProto): unknown {
  return {
    dtype: dtypeNames.get(dtype),
    tensor_shape: shapeJson(tensorShape),
    string_val: stringVal.map((value) => Buffer.from(value).toString('base64')),
    float_val: floatVal.map((value) => (Number.isFinite(value) ? value : String(value))),
  };
}

function shapeJson(shape: tfs.TensorShapeProto | undefined): unknown {
  return {
    dim: shape?.dim.map(({ size, name }) => ({ size: String(size), name })) ?? [],
    unknown_rank: shape?.unknownRank ?? false,
  };
}

/** An object with these members, one called __proto__ too. */
function recordOf(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(entries);
}
