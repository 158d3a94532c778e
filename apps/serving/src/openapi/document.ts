import type { Operation } from './operations.ts';

const error = {
  type: 'object',
  properties: { error: { type: 'string' } },
  required: ['error'],
};
const json = (schema: unknown, example?: unknown) => ({
  'application/json': example === undefined ? { schema } : { schema, example },
});

const parameters: Readonly<Record<string, unknown>> = {
  model: { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
  version: { name: 'version', in: 'path', required: true, schema: { type: 'integer', minimum: 0, format: 'int64' } },
  batch: { name: 'batch', in: 'path', required: true, schema: { type: 'string' } },
  label: { name: 'label', in: 'path', required: true, schema: { type: 'string', pattern: '^[^/:]+$' } },
};

/** The OpenAPI 3.1 document of these operations. */
export function openApiDocument(operations: readonly Operation[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { id, tag, method, path, summary, body, answer } = operation;
    const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
    (paths[path] ??= {})[method] = {
      operationId: id,
      tags: [tag],
      summary,
      parameters: names.map((name) => parameters[name]),
      ...(body === undefined ? {} : { requestBody: { required: true, content: json(body.schema, body.example) } }),
      responses: {
        200: { description: 'The answer', content: json(answer) },
        400: { description: 'The request is wrong: the text says where', content: json(error) },
        401: { description: 'A token is needed', content: json(error) },
        403: { description: 'The token does not allow it', content: json(error) },
        404: { description: 'No such model or version', content: json(error) },
        429: { description: 'There is no room now, or not for this caller', content: json(error) },
        ...(body === undefined
          ? {}
          : {
              413: { description: 'The body is too large', content: json(error) },
              503: { description: 'Not now: ask again later', content: json(error) },
            }),
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'adstocrat serving',
      version: '1',
      description:
        "Predictions over REST, in TensorFlow Serving's protocol, the Open Inference Protocol V2 and in plain names.",
    },
    paths,
    // Whether a token is needed is the server's to say.
    security: [{}, { token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}
