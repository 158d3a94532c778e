import { InvalidRequest } from '@adstocrat/service-kit';
import type { InferenceLimits } from '../infer/admit.ts';
import { BadInput, quoted } from '../infer/inference-failure.ts';
import { parseExactJson } from '../json/exact-json.ts';
import { BinaryData, splitBody } from './binary-body.ts';
import { maxParts } from './message-guard.ts';
import { datatypeIn } from './grpc-request.ts';
import { refuseManyParts } from './json-parts.ts';
import { jsonValues } from './json-values.ts';
import { rawValues } from './raw-values.ts';
import { RequestSizes } from './request-sizes.ts';
import { shapeOf } from './shape.ts';
import { refuseTwice, refuseUnsupported, type WantedOutput, type WireInput, type WireRequest } from './wire-request.ts';

/**
 * The body of an infer request. Inputs have their data as JSON, or as binary data behind the JSON (`parameters.binary_data_size`).
 * Throws {@link BadInput} or {@link InvalidRequest} naming the tensor, after `onId` has been told of the request's id.
 */
export function jsonRequest(
  model: string,
  { body, headerLength }: { readonly body: Buffer; readonly headerLength: string | undefined },
  limits: InferenceLimits,
  onId?: (id: string) => void,
): WireRequest {
  const { json, binary } = splitBody(body, headerLength);
  refuseManyParts(json, limits.values + maxParts);
  const request = objectIn(parsed(json), 'the request');
  const { id = '', inputs, outputs = [] } = request;
  if (typeof id !== 'string') throw new InvalidRequest(`"id" must be a string`);
  onId?.(id);
  const parameters = parametersOf(request, 'the request');
  const data = new BinaryData(model, binary);
  const sizes = new RequestSizes(limits);
  const read = listIn(inputs, 'inputs').map((input) => inputIn(input, data, sizes));
  data.end();
  refuseTwice('input', read);
  const wanted = listIn(outputs, 'outputs').map((output) =>
    outputIn(output, parameters['binary_data_output'] === true),
  );
  refuseTwice('output', wanted);
  return {
    id,
    inputs: read,
    outputs: wanted,
    ...(wanted.length === 0 && parameters['binary_data_output'] === true ? { allBinary: true } : {}),
  };
}

function parsed(json: string): unknown {
  try {
    return parseExactJson(json);
  } catch (error) {
    const why = error instanceof RangeError ? 'nested too deep' : (error as Error).message;
    throw new InvalidRequest(`failed to parse the request JSON buffer: ${why}`, { cause: error });
  }
}

function inputIn(given: unknown, data: BinaryData, sizes: RequestSizes): WireInput {
  const input = objectIn(given, 'an input');
  const name = nameIn(input, 'input');
  const parameters = parametersOf(input, `input ${quoted(name)}`);
  refuseUnsupported(name, Object.entries(parameters));
  const datatype = datatypeIn(name, input['datatype']);
  const shape = shapeOf(name, input['shape']);
  const elements = sizes.elementsOf(name, shape);
  const size = parameters['binary_data_size'];
  if (size === undefined)
    return { name, datatype, shape, ...jsonValues(name, datatype, shape, elements, input['data']) };
  if (input['data'] !== undefined)
    throw new BadInput('shape', name, 'has both "data" and "binary_data_size": one of them is expected');
  return { name, datatype, shape, ...rawValues({ name, datatype, shape }, elements, data.take(name, size)) };
}

function outputIn(given: unknown, byDefault: boolean): WantedOutput {
  const output = objectIn(given, 'an output');
  const name = nameIn(output, 'output');
  const parameters = parametersOf(output, `output ${quoted(name)}`);
  refuseUnsupported(name, Object.entries(parameters));
  const { binary_data: binary = byDefault } = parameters;
  if (typeof binary !== 'boolean')
    throw new InvalidRequest(`output ${quoted(name)}: binary_data must be true or false`);
  return { name, binary };
}

function nameIn({ name }: Readonly<Record<string, unknown>>, what: string): string {
  if (typeof name !== 'string') throw new InvalidRequest(`each ${what} must have a "name", a string`);
  return name;
}

function parametersOf(
  { parameters = {} }: Readonly<Record<string, unknown>>,
  of: string,
): Readonly<Record<string, unknown>> {
  return objectIn(parameters, `"parameters" of ${of}`);
}

function listIn(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidRequest(`Unable to parse '${name}': a list is expected`);
  return value;
}

function objectIn(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidRequest(`${what} must be a JSON object`);
  return value as Readonly<Record<string, unknown>>;
}
