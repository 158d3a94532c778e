import { countParts, type MessageParts, type PartRules } from '../grpc/message-parts.ts';

/** InferTensorContents: booleans, integers, floating point, bytes. */
const contents: PartRules = {
  1: 'varints',
  2: 'varints',
  3: 'varints',
  4: 'varints',
  5: 'varints',
  6: 'fixed32',
  7: 'fixed64',
  8: 'value',
};
const inputTensor: PartRules = { 3: 'varints', 4: 'part', 5: contents };
/** ModelInferRequest: parameters, inputs, outputs, raw_input_contents. */
const inferRequest: PartRules = { 4: 'part', 5: inputTensor, 6: { 2: 'part' }, 7: 'part' };

/** Counts the tensors, parameters and raw data of an encoded ModelInferRequest, and its typed values and dimensions. */
export function inferRequestParts(message: Uint8Array): MessageParts {
  return countParts(message, inferRequest);
}
