/** A JSON Schema, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

/** One call of REST. The document and its page are made of these, and a spec sends each one's example. */
export interface Operation {
  readonly id: string;
  readonly tag: 'TensorFlow Serving' | 'Open Inference Protocol V2' | 'In names' | 'Batches';
  readonly method: 'get' | 'post';
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly summary: string;
  readonly body?: { readonly schema: Schema; readonly example: unknown };
  /** The body of a 200. */
  readonly answer: Schema;
}

const text: Schema = { type: 'string' };
const number: Schema = { type: 'number' };
const list = (items: Schema, minItems = 0): Schema =>
  minItems === 0 ? { type: 'array', items } : { type: 'array', items, minItems };
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

const base64 = object({ b64: { type: 'string', contentEncoding: 'base64' } }, ['b64']);
/** A value of an input: null, and an input that is left out, is missing. */
const value: Schema = { oneOf: [{ type: ['string', 'number', 'boolean', 'null'] }, base64] };
/** A value of a row: also several, of a column that the model reads as a list. */
const cell: Schema = { oneOf: [{ type: ['string', 'number', 'boolean', 'null'] }, base64, list(value)] };
const ids = list(text);
const signatureName = { signature_name: { type: 'string', default: 'serving_default' } };
const predictBody: Schema = {
  oneOf: [
    object({ ...signatureName, instances: list({ type: 'object', additionalProperties: cell }, 1) }, ['instances']),
    object({ ...signatureName, inputs: { type: 'object', additionalProperties: { anyOf: [value, list({})] } } }, [
      'inputs',
    ]),
  ],
};
const predictAnswer = object({ predictions: list({}), outputs: {}, prediction_ids: ids });
const example: Schema = { type: 'object', additionalProperties: {} };
const examplesBody = object({ ...signatureName, context: example, examples: list(example, 1) }, ['examples']);
const versions = object(
  {
    model_version_status: list(
      object({
        version: text,
        state: { enum: ['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] },
        status: object({ error_code: text, error_message: text }),
      }),
    ),
  },
  ['model_version_status'],
);
const metadata = object({ model_spec: { type: 'object' }, metadata: { type: 'object' } }, ['model_spec', 'metadata']);
const tensor = object(
  { name: text, datatype: text, shape: list({ type: 'integer' }), data: {}, parameters: { type: 'object' } },
  ['name', 'datatype', 'shape'],
);

/** No columns are known here: an input that every model has stands in the examples. */
const row = { prediction_id: 'example-1' };

/** The choices of a version that TensorFlow Serving's paths have. */
const choices = [
  ['', ''],
  ['/versions/{version}', 'Version'],
  ['/labels/{label}', 'Label'],
] as const;

const tensorflowServing = choices.flatMap(([choice, name]): readonly Operation[] => {
  const common = { tag: 'TensorFlow Serving' as const };
  const path = `/v1/models/{model}${choice}`;
  const by = name === '' ? ', by the split in force' : `, by ${name.toLowerCase()}`;
  return [
    {
      ...common,
      id: `predict${name}`,
      method: 'post',
      path: `${path}:predict`,
      summary: `Scores rows (instances) or columns (inputs)${by}`,
      body: { schema: predictBody, example: { instances: [row] } },
      answer: predictAnswer,
    },
    {
      ...common,
      id: `classify${name}`,
      method: 'post',
      path: `${path}:classify`,
      summary: `Both classes of examples with their probabilities${by}`,
      body: { schema: examplesBody, example: { examples: [row] } },
      answer: object({ results: list(list(list({}))), prediction_ids: ids }, ['results']),
    },
    {
      ...common,
      id: `regress${name}`,
      method: 'post',
      path: `${path}:regress`,
      summary: `The score of examples${by}`,
      body: { schema: examplesBody, example: { examples: [row] } },
      answer: object({ results: list(number), prediction_ids: ids }, ['results']),
    },
    { ...common, id: `status${name}`, method: 'get', path, summary: 'The states of versions', answer: versions },
    {
      ...common,
      id: `metadata${name}`,
      method: 'get',
      path: `${path}/metadata`,
      summary: 'The signatures: inputs and outputs with their types',
      answer: metadata,
    },
  ];
});

const openInference: readonly Operation[] = [
  {
    id: 'serverLive',
    method: 'get',
    path: '/v2/health/live',
    summary: 'Whether the server runs',
    answer: object({ live: { type: 'boolean' } }, ['live']),
  },
  {
    id: 'serverReady',
    method: 'get',
    path: '/v2/health/ready',
    summary: 'Whether the server answers',
    answer: object({ ready: { type: 'boolean' } }, ['ready']),
  },
  {
    id: 'serverMetadata',
    method: 'get',
    path: '/v2',
    summary: 'Name, version and extensions of the server',
    answer: object({ name: text, version: text, extensions: list(text) }, ['name']),
  },
  {
    id: 'modelMetadata',
    method: 'get',
    path: '/v2/models/{model}',
    summary: 'Inputs and outputs of a model',
    answer: object({ name: text, versions: list(text), platform: text, inputs: list({}), outputs: list({}) }, ['name']),
  },
  {
    id: 'modelReady',
    method: 'get',
    path: '/v2/models/{model}/ready',
    summary: 'Whether a model answers',
    answer: object({ name: text, ready: { type: 'boolean' } }, ['ready']),
  },
  {
    id: 'modelInfer',
    method: 'post',
    path: '/v2/models/{model}/infer',
    summary: 'Scores tensors',
    body: {
      schema: object(
        {
          id: text,
          inputs: list(tensor, 1),
          outputs: list(object({ name: text }, ['name'])),
          parameters: { type: 'object' },
        },
        ['inputs'],
      ),
      example: { inputs: [{ name: 'prediction_id', datatype: 'BYTES', shape: [1], data: ['example-1'] }] },
    },
    answer: object({ model_name: text, model_version: text, id: text, outputs: list(tensor) }, [
      'model_name',
      'outputs',
    ]),
  },
].map((one) => ({ ...one, tag: 'Open Inference Protocol V2' }) as Operation);

const clickRow = object({ features: { type: 'object', additionalProperties: cell }, prediction_id: text });
const clickOptions = {
  version: { type: 'integer', minimum: 0 },
  label: text,
  unlogged: { type: 'boolean' },
  tokens: { type: 'boolean' },
};

const inNames: readonly Operation[] = [
  {
    id: 'score',
    tag: 'In names',
    method: 'post',
    path: '/click/v1/models/{model}/score',
    summary: 'Scores one row',
    body: {
      schema: object({
        features: { type: 'object', additionalProperties: cell },
        prediction_id: text,
        ...clickOptions,
      }),
      example: { features: {}, prediction_id: 'example-1' },
    },
    answer: object({ version: { type: 'integer' }, score: number, prediction_id: text, token: text }, [
      'version',
      'score',
    ]),
  },
  {
    id: 'scoreMany',
    tag: 'In names',
    method: 'post',
    path: '/click/v1/models/{model}/score-many',
    summary: 'Scores rows, all by one version',
    body: {
      schema: object({ rows: list(clickRow, 1), ...clickOptions }, ['rows']),
      example: { rows: [{ features: {}, prediction_id: 'example-1' }, {}] },
    },
    answer: object({ version: { type: 'integer' }, scores: list(number), prediction_ids: ids, tokens: list(text) }, [
      'version',
      'scores',
    ]),
  },
];

const batch = object(
  {
    batch_id: text,
    model: text,
    version: { type: 'integer' },
    state: { enum: ['running', 'succeeded', 'failed'] },
    rows: { type: 'integer' },
    rows_scored: { type: 'integer' },
    rows_failed: { type: 'integer' },
    results_uri: text,
    reason: text,
    odd: list(text),
  },
  ['batch_id', 'model', 'version', 'state', 'rows', 'rows_scored', 'rows_failed'],
);

const later: readonly Operation[] = [
  {
    id: 'storeRows',
    tag: 'Batches',
    method: 'post',
    path: '/click/v1/models/{model}/rows',
    summary: 'Saves rows for a later batch',
    body: {
      schema: object({ rows: list(clickRow, 1), request_id: text }, ['rows']),
      example: { rows: [{ features: {}, prediction_id: 'example-1' }], request_id: 'example-1' },
    },
    answer: object({ request_id: text, rows: { type: 'integer' } }, ['request_id', 'rows']),
  },
  {
    id: 'beginBatch',
    tag: 'Batches',
    method: 'post',
    path: '/click/v1/models/{model}/batches',
    summary: 'Begins a batch of what is saved, or of files',
    body: {
      schema: object({
        batch_id: text,
        source_uri: text,
        version: clickOptions.version,
        label: text,
        allow_missing: { type: 'boolean' },
        columns: list(text),
      }),
      example: { batch_id: 'example-1' },
    },
    answer: batch,
  },
  {
    id: 'getBatch',
    tag: 'Batches',
    method: 'get',
    path: '/click/v1/batches/{batch}',
    summary: 'How a batch stands',
    answer: batch,
  },
];

export const operations: readonly Operation[] = [...tensorflowServing, ...openInference, ...inNames, ...later];
