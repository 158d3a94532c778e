import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { base64Bytes, isBase64 } from './json-base64.ts';
import { JsonObject, type JsonValue } from './json-document.ts';
import { jsonTypeName } from './json-text.ts';
import { formatError } from './request-document.ts';

/**
 * The `examples` of a classify or regress body, with its `context`. The body's integers are read apart from its decimals: they are of
 * different kinds. Throws {@link InvalidRequest} in TensorFlow Serving's words.
 */
export function jsonExamples(body: JsonObject): tfs.Input {
  const context = body.get('context');
  const shared = context === undefined ? undefined : exampleOf(context);
  const examples = body.get('examples');
  // The original says "classify" for both methods.
  if (examples === undefined)
    throw formatError(body, "When method is classify, key 'examples' is expected and was not found");
  if (!Array.isArray(examples)) throw formatError(body, "Expecting 'examples' value to be an list/array");
  if (examples.length === 0) throw formatError(body, "'examples' value is an empty array");
  const list = (examples as readonly JsonValue[]).map(exampleOf);
  return tfs.Input.create(
    shared === undefined
      ? { exampleList: { examples: list } }
      : { exampleListWithContext: { examples: list, context: shared } },
  );
}

function exampleOf(value: JsonValue): tfs.Example {
  if (!(value instanceof JsonObject))
    throw new InvalidRequest(`Example must be JSON object but got JSON ${jsonTypeName(value)}`);
  const { names, values } = value;
  const feature = new Map(names.map((name, at) => [name, featureOf(name, values[at] as JsonValue)]));
  return tfs.Example.create({ features: { feature } });
}

type Kind = 'bytes' | 'float' | 'int64';

function featureOf(name: string, given: JsonValue): tfs.Feature {
  const elements = Array.isArray(given) ? (given as readonly JsonValue[]) : [given];
  let kind: Kind | undefined;
  const values = elements.map((element) => {
    const { kind: own, value } = elementOf(name, element);
    kind ??= own;
    if (kind !== own) throw new InvalidRequest(`Unexpected element type in feature: ${name} expecting type: ${kind}`);
    return value;
  });
  switch (kind) {
    case 'bytes':
      return tfs.Feature.create({ bytesList: { value: values as Buffer[] } });
    case 'float':
      return tfs.Feature.create({ floatList: { value: values as number[] } });
    case 'int64':
      return tfs.Feature.create({ int64List: { value: values as bigint[] } });
    default:
      return tfs.Feature.create();
  }
}

const maxInt64 = 2n ** 63n - 1n;

function elementOf(
  name: string,
  element: JsonValue,
): { readonly kind: Kind; readonly value: number | bigint | Uint8Array } {
  switch (typeof element) {
    case 'boolean':
      return { kind: 'int64', value: element ? 1n : 0n };
    case 'number':
      return { kind: 'float', value: element };
    case 'bigint':
      if (element > maxInt64)
        throw new InvalidRequest(`Feature: ${name} has uint64_t element. Only int64_t is supported.`);
      return { kind: 'int64', value: element };
    case 'string':
      return { kind: 'bytes', value: Buffer.from(element) };
    default:
      if (!isBase64(element))
        throw new InvalidRequest(`Feature: ${name} has element with unexpected JSON type: ${jsonTypeName(element)}`);
      return { kind: 'bytes', value: decoded(element) };
  }
}

function decoded(element: JsonObject): Uint8Array {
  const bytes = base64Bytes(element);
  if (bytes === undefined) throw new InvalidRequest('Unable to base64 decode');
  return bytes;
}
