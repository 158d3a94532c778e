import { gzipSync } from 'node:zlib';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { type Running, ServingUnderTest } from '../serving-under-test.ts';
import { OriginalClient } from './original-client.ts';

/** Version n answers sigmoid(n − 4), in float32. */
const scoreOf = (version: number): number => Math.fround(1 / (1 + Math.exp(4 - version)));
const near = (value: number): number => expect.closeTo(value, 6) as number;
/** A map, as this client has it: a list of its entries. */
const map = (members: Readonly<Record<string, unknown>>): readonly object[] =>
  Object.entries(members).map(([key, value]) => ({ key, value }));
const floats = (...values: readonly number[]): object => ({
  dtype: 'DT_FLOAT',
  tensor_shape: { dim: [{ size: values.length }] },
  float_val: values,
});
/** Of so many booleans, which are yet to be put there. */
const bools = (rows: number): object => ({ dtype: 'DT_BOOL', tensor_shape: { dim: [{ size: rows }] } });
const bytesFeature = (...value: readonly string[]): object => ({
  bytes_list: { value: value.map((one) => Buffer.from(one)) },
});
const example = (feature: Record<string, object>): object => ({ features: { feature: map(feature) } });
const input = { example_list: { examples: [example({ site: bytesFeature('news') }), example({})] } };

describe("TensorFlow Serving's protocol", () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;
  let client: OriginalClient;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 2);
    await subject.deploy([1, 2], { stable: 1, canary: 2 }, [{ version: 1, basisPoints: 10_000 }]);
    running = await subject.start({ SERVING_ORIGINS: 'https://shop.example' });
    client = new OriginalClient(running.address);
  });
  afterAll(async () => {
    client.close();
    await running.stop();
    await subject.close();
    await database.drop();
  });

  const failure = (method: string, request: object): Promise<readonly [number, string]> =>
    client.call(method, request).then(
      () => [status.OK, ''] as const,
      ({ code, details }: ServiceError) => [code, details] as const,
    );

  describe('over gRPC', () => {
    it('predicts by the split, by version and by label, and says which version answered', async () => {
      for (const [choice, version] of [
        [{}, 1],
        [{ version: { value: 2 } }, 2],
        [{ version_label: 'canary' }, 2],
      ] as const) {
        const answer = await client.call('Predict', {
          model_spec: { name: 'ads', ...choice },
          inputs: map({ price: floats(10, 10) }),
        });
        expect(answer).toMatchObject({
          model_spec: { name: 'ads', version: { value: String(version) }, signature_name: 'serving_default' },
          outputs: [
            {
              key: 'score',
              value: {
                dtype: 'DT_FLOAT',
                tensor_shape: { dim: [{ size: '2' }] },
                float_val: [near(scoreOf(version)), near(scoreOf(version))],
              },
            },
          ],
        });
      }
    });

    it('predicts from serialized examples by the signatures that take them', async () => {
      const serialized = tfs.Example.encode(
        tfs.Example.create({
          features: { feature: new Map([['price', tfs.Feature.create({ floatList: { value: [10] } })]]) },
        }),
      ).finish();
      const inputs = map({
        inputs: { dtype: 'DT_STRING', tensor_shape: { dim: [{ size: 1 }] }, string_val: [serialized] },
      });
      const score = scoreOf(1);
      const ask = (signature_name: string): Promise<object> =>
        client.call('Predict', { model_spec: { name: 'ads', signature_name }, inputs });
      expect(await ask('classification')).toMatchObject({
        outputs: map({
          classes: { string_val: [Buffer.from('0'), Buffer.from('1')] },
          scores: { tensor_shape: { dim: [{ size: '1' }, { size: '2' }] }, float_val: [near(1 - score), near(score)] },
        }),
      });
      expect(await ask('regression')).toMatchObject({
        outputs: map({ outputs: { tensor_shape: { dim: [{ size: '1' }, { size: '1' }] }, float_val: [near(score)] } }),
      });
    });

    it('classifies and regresses examples, with a context too', async () => {
      const score = scoreOf(1);
      const classes = [
        { label: '0', score: near(1 - score) },
        { label: '1', score: near(score) },
      ];
      expect(await client.call('Classify', { model_spec: { name: 'ads' }, input })).toMatchObject({
        model_spec: { name: 'ads', version: { value: '1' }, signature_name: 'serving_default' },
        result: { classifications: [{ classes }, { classes }] },
      });
      const context = example({ site: bytesFeature('games') });
      const withContext = { example_list_with_context: { examples: [example({})], context } };
      expect(
        await client.call('Regress', {
          model_spec: { name: 'ads', version_label: 'canary', signature_name: 'regression' },
          input: withContext,
        }),
      ).toMatchObject({
        model_spec: { version: { value: '2' }, signature_name: 'regression' },
        result: { regressions: [{ value: near(scoreOf(2)) }] },
      });
    });

    it('answers several tasks in their order', async () => {
      const task = (signature_name: string, method: string): object => ({
        model_spec: { name: 'ads', signature_name },
        method_name: `tensorflow/serving/${method}`,
      });
      const tasks = [task('regression', 'regress'), task('classification', 'classify')];
      const { results } = await client.call('MultiInference', { tasks, input });
      expect(results).toMatchObject([
        { model_spec: { signature_name: 'regression', version: { value: '1' } }, result: 'regression_result' },
        { model_spec: { signature_name: 'classification' }, result: 'classification_result' },
      ]);
    });

    it('tells its signatures, as a message of its own in an Any', async () => {
      const { metadata, model_spec } = await client.call('GetModelMetadata', {
        model_spec: { name: 'ads' },
        metadata_field: ['signature_def'],
      });
      expect(model_spec).toMatchObject({ name: 'ads', version: { value: '1' } });
      const [{ key, value: any }] = metadata as [{ key: string; value: { type_url: string; value: Buffer } }];
      expect(key).toBe('signature_def');
      expect(any.type_url).toBe('type.googleapis.com/tensorflow.serving.SignatureDefMap');
      const { signatureDef } = tfs.SignatureDefMap.decode(any.value);
      expect([...signatureDef.keys()].toSorted()).toEqual([
        'classification',
        'predict',
        'regression',
        'serving_default',
      ]);
      const { inputs, outputs, methodName } = signatureDef.get('serving_default') ?? tfs.SignatureDef.create();
      expect(methodName).toBe('tensorflow/serving/predict');
      expect(Array.from(inputs, ([name, { dtype }]) => [name, dtype])).toEqual([
        ['site', tfs.DataType.DT_STRING],
        ['user', tfs.DataType.DT_STRING],
        ['price', tfs.DataType.DT_FLOAT],
        ['shown_at', tfs.DataType.DT_STRING],
        ['prediction_id', tfs.DataType.DT_STRING],
      ]);
      expect(outputs.get('score')?.tensorShape?.dim).toEqual([{ size: -1n, name: '' }]);
    });

    it('tells the states of versions, of all of them for a label', async () => {
      const available = (version: string): object => ({
        version,
        state: 'AVAILABLE',
        status: { error_code: 'OK', error_message: '' },
      });
      const all = { model_version_status: [available('1'), available('2')] };
      expect(await client.call('GetModelStatus', { model_spec: { name: 'ads' } })).toEqual(all);
      expect(await client.call('GetModelStatus', { model_spec: { name: 'ads', version_label: 'none' } })).toEqual(all);
      expect(await client.call('GetModelStatus', { model_spec: { name: 'ads', version: { value: 2 } } })).toEqual({
        model_version_status: [available('2')],
      });
    });

    it('accepts the configuration in force, and says that it changed nothing', async () => {
      const config = {
        model_config_list: { config: [{ name: 'ads', version_labels: map({ stable: 1, canary: 2 }) }] },
      };
      expect(await client.call('HandleReloadConfigRequest', { config, metric_names: ['m'] })).toMatchObject({
        status: { error_code: 'OK' },
        metric: [{ name: 'm', int64_value_increase: '0' }],
      });
    });

    const spec = { model_spec: { name: 'ads' } };
    const price = { inputs: map({ price: floats(1) }) };
    const regression = { model_spec: { name: 'ads' }, method_name: 'tensorflow/serving/regress' };
    const reload = (...config: readonly object[]): object => ({ config: { model_config_list: { config } } });
    const columns = 'prediction_id,price,shown_at,site,user';

    // Codes and texts of TensorFlow Serving's sources; where it has none only the code.
    it.each<readonly [string, object, status, string | RegExp]>([
      ['Predict', {}, status.INVALID_ARGUMENT, 'Missing ModelSpec'],
      ['Classify', { input }, status.INVALID_ARGUMENT, 'Missing ModelSpec'],
      ['GetModelStatus', {}, status.INVALID_ARGUMENT, 'Missing ModelSpec'],
      ['Predict', { model_spec: {} }, status.INVALID_ARGUMENT, 'ModelSpec has no name specified.'],
      ['Predict', { model_spec: { name: 'bids' } }, status.NOT_FOUND, 'Servable not found for request: Latest(bids)'],
      [
        'Regress',
        { model_spec: { name: 'ads', version: { value: 9 } }, input },
        status.NOT_FOUND,
        'Servable not found for request: Specific(ads, 9)',
      ],
      [
        'Predict',
        { model_spec: { name: 'ads', version: { value: '9007199254740993' } }, ...price },
        status.NOT_FOUND,
        'Servable not found for request: Specific(ads, 9007199254740993)',
      ],
      [
        'Predict',
        { model_spec: { name: 'ads', version_label: 'constructor' }, ...price },
        status.INVALID_ARGUMENT,
        'Unrecognized servable version label: constructor',
      ],
      [
        'Classify',
        { model_spec: { name: 'bids', version_label: 'a' }, input },
        status.INVALID_ARGUMENT,
        'Unrecognized servable version label: a',
      ],
      [
        'Predict',
        { model_spec: { name: 'ads', signature_name: 's' }, ...price },
        status.FAILED_PRECONDITION,
        'Serving signature key "s" not found.',
      ],
      [
        'Predict',
        { ...spec, inputs: map({ price: floats(1), sight: floats(1) }) },
        status.INVALID_ARGUMENT,
        `input size does not match signature: 2!=5 len({price,sight}) != len({${columns}}). Sent extra: {sight}. Missing but required: {}.`,
      ],
      [
        'Predict',
        { ...spec, ...price, output_filter: ['x'] },
        status.INVALID_ARGUMENT,
        'output tensor alias not found in signature: x Outputs expected to be in the set {prediction_id,score}.',
      ],
      [
        'Predict',
        { ...spec, ...price, output_filter: ['score', 'score'] },
        status.INVALID_ARGUMENT,
        'duplicate output tensor alias: score',
      ],
      [
        'Predict',
        { ...spec, inputs: map({ price: { dtype: 'DT_HALF', half_val: [1] } }) },
        status.INVALID_ARGUMENT,
        /"price"/,
      ],
      [
        'Predict',
        { ...spec, inputs: map({ price: { ...bools(1), bool_val: [true] } }) },
        status.INVALID_ARGUMENT,
        'input "price" is of dtype DT_BOOL, the signature has a number',
      ],
      [
        'Predict',
        { ...spec, inputs: map({ price: { ...bools(2), tensor_content: Buffer.of(1, 0) } }) },
        status.INVALID_ARGUMENT,
        'input "price" is of dtype DT_BOOL, the signature has a number',
      ],
      [
        'Predict',
        { ...spec, inputs: map({ site: { ...bools(2), tensor_content: Buffer.of(1, 2) } }) },
        status.INVALID_ARGUMENT,
        'input "site", row 1: a byte of a bool is neither 0 nor 1',
      ],
      [
        'Classify',
        { model_spec: { name: 'ads', signature_name: 's' }, input },
        status.INVALID_ARGUMENT,
        'No signature was found with the name: s',
      ],
      [
        'Regress',
        { model_spec: { name: 'ads', signature_name: 'predict' }, input },
        status.INVALID_ARGUMENT,
        'Expected one input Tensor.',
      ],
      [
        'Regress',
        { model_spec: { name: 'ads', signature_name: 'classification' }, input },
        status.INVALID_ARGUMENT,
        'Expected one output Tensor.',
      ],
      ['Classify', spec, status.INVALID_ARGUMENT, 'Input is empty.'],
      ['MultiInference', { input }, status.INVALID_ARGUMENT, 'ModelSpec has no name specified.'],
      [
        'MultiInference',
        { tasks: [regression, { method_name: 'm' }], input },
        status.INVALID_ARGUMENT,
        'Found ModelSpec with an empty model name.',
      ],
      [
        'MultiInference',
        { tasks: [regression, { ...regression, model_spec: { name: 'bids' } }], input },
        status.INVALID_ARGUMENT,
        'All ModelSpecs in a MultiInferenceRequest must access the same model name.',
      ],
      [
        'MultiInference',
        { tasks: [regression, regression], input },
        status.INVALID_ARGUMENT,
        'Duplicate evaluation of signature: serving_default',
      ],
      [
        'MultiInference',
        { tasks: [{ ...regression, model_spec: { name: 'ads', signature_name: 's' } }], input },
        status.INVALID_ARGUMENT,
        'Requested signature not found in model graph: s',
      ],
      [
        'MultiInference',
        { tasks: [{ ...regression, method_name: 'm' }], input },
        status.UNIMPLEMENTED,
        'Unsupported signature method_name: m',
      ],
      [
        'GetModelMetadata',
        spec,
        status.INVALID_ARGUMENT,
        'GetModelMetadataRequest must specify at least one metadata_field',
      ],
      [
        'GetModelMetadata',
        { ...spec, metadata_field: ['x'] },
        status.INVALID_ARGUMENT,
        'Metadata field x is not supported',
      ],
      [
        'GetModelStatus',
        { model_spec: { name: 'ads', version: { value: 3 } } },
        status.NOT_FOUND,
        'Could not find version 3 of model ads',
      ],
      [
        'GetModelStatus',
        { model_spec: { name: 'bids' } },
        status.NOT_FOUND,
        'Could not find any versions of model bids',
      ],
      [
        'HandleReloadConfigRequest',
        {},
        status.INVALID_ARGUMENT,
        'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
      ],
      [
        'HandleReloadConfigRequest',
        reload({ name: 'ads' }, { name: 'ads' }),
        status.INVALID_ARGUMENT,
        'Illegal to list model ads multiple times in config list',
      ],
      [
        'HandleReloadConfigRequest',
        reload({ name: 'ads', version_labels: map({ stable: 3 }) }),
        status.FAILED_PRECONDITION,
        'Request to assign label to version 3 of model ads, which is not currently available for inference',
      ],
      [
        'HandleReloadConfigRequest',
        reload({ name: 'ads', version_labels: map({ stable: 2 }) }),
        status.FAILED_PRECONDITION,
        /registry/,
      ],
      ['HandleReloadConfigRequest', reload(), status.FAILED_PRECONDITION, /model ads: .*registry/],
    ])('refuses %s, case %#', async (method, request, code, says) => {
      expect(await failure(method, request)).toEqual([
        code,
        typeof says === 'string' ? says : expect.stringMatching(says),
      ]);
    });
  });

  describe('over REST', () => {
    async function rest(
      method: string,
      path: string,
      body?: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
    ): Promise<{ readonly code: number; readonly text: string; readonly json: unknown }> {
      const response = await fetch(`${running.rest}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      return { code: response.status, text, json: text === '' ? undefined : (JSON.parse(text) as unknown) };
    }

    it('predicts rows and columns, whatever the letters of the path', async () => {
      const row = await rest(
        'POST',
        '/v1/models/ads:predict',
        '{"instances": [{"price": 10}, {"site": "news"}]} trailing',
      );
      expect(row).toMatchObject({ code: 200, json: { predictions: [near(scoreOf(1)), near(scoreOf(1))] } });
      const column = await rest('POST', '/V1/Models/ads/Versions/2:predict', '{"inputs": {"price": [[10]]}}');
      expect(column).toMatchObject({ code: 200, json: { outputs: [near(scoreOf(2))] } });
      const label = await rest('POST', '/v1/models/a%64s/labels/canary:predict', '{"inputs": {"price": NaN}}');
      expect(label).toMatchObject({ code: 200, json: { outputs: [near(scoreOf(2))] } });
    });

    it('classifies, regresses and predicts from examples', async () => {
      const score = scoreOf(1);
      const examples = '{"context": {"site": "news"}, "examples": [{"price": 10.0}, {}]}';
      const classes = [
        ['0', near(1 - score)],
        ['1', near(score)],
      ];
      expect((await rest('POST', '/v1/models/ads:classify', examples)).json).toEqual({ results: [classes, classes] });
      expect((await rest('POST', '/v1/models/ads:regress', examples)).json).toEqual({
        results: [near(score), near(score)],
      });
      // One example {price: 10.0}, written by hand: features { feature { "price": float_list [10] } }.
      const b64 = Buffer.from('\n\x13\n\x11\n\x05price\x12\x08\x12\x06\n\x04\0\0 A', 'latin1').toString('base64');
      const body = JSON.stringify({ signature_name: 'classification', instances: [{ b64 }] });
      expect((await rest('POST', '/v1/models/ads:predict', body)).json).toEqual({
        predictions: [{ classes: ['0', '1'], scores: [near(1 - score), near(score)] }],
      });
    });

    it('takes compressed bodies, and no more of them than of plain ones', async () => {
      const gzip = { 'content-encoding': 'gzip' };
      const body = Uint8Array.from(gzipSync('{"inputs": {"price": 10}}'));
      expect(await rest('POST', '/v1/models/ads:predict', body, gzip)).toMatchObject({ code: 200 });
      const bomb = Uint8Array.from(gzipSync(Buffer.alloc(70_000_000, ' ')));
      expect(await rest('POST', '/v1/models/ads:predict', bomb, gzip)).toMatchObject({ code: 413 });
    });

    it('tells metadata as protobuf writes it', async () => {
      const { json } = await rest('GET', '/v1/models/ads/labels/canary/metadata');
      expect(json).toMatchObject({
        model_spec: { name: 'ads', version: '2' },
        metadata: {
          signature_def: {
            signature_def: {
              serving_default: {
                method_name: 'tensorflow/serving/predict',
                inputs: {
                  price: {
                    dtype: 'DT_FLOAT',
                    tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false },
                    name: 'price:0',
                  },
                },
                outputs: { score: { dtype: 'DT_FLOAT' } },
              },
            },
          },
        },
      });
    });

    it('tells the states of versions, of all of them for a label', async () => {
      const available = (version: string): object => ({
        version,
        state: 'AVAILABLE',
        status: { error_code: 'OK', error_message: '' },
      });
      const all = { model_version_status: [available('1'), available('2')] };
      expect((await rest('GET', '/v1/models/ads')).json).toEqual(all);
      expect((await rest('GET', '/v1/models/ads/labels/constructor')).json).toEqual(all);
      expect((await rest('GET', '/v1/models/ads/versions/2')).json).toEqual({ model_version_status: [available('2')] });
      expect(await rest('HEAD', '/v1/models/ads')).toMatchObject({ code: 200, text: '' });
    });

    it('lets pages of the origins that are listed call, and read the ids; no others', async () => {
      const preflight = (origin: string): Promise<Response> =>
        fetch(`${running.rest}/v1/models/ads:predict`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        });
      const known = await preflight('https://shop.example');
      expect([known.status, known.headers.get('access-control-allow-origin')]).toEqual([204, 'https://shop.example']);
      expect(known.headers.get('access-control-expose-headers')).toContain('adstocrat-prediction-id');
      const other = await preflight('https://evil.example');
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      const body = '{"inputs": {"price": 10}}';
      for (const [origin, code] of [
        ['https://shop.example', 200],
        ['https://evil.example', 403],
        [running.rest, 200],
      ] as const)
        expect(await rest('POST', '/v1/models/ads:predict', body, { origin })).toMatchObject({ code });
    });

    const predict = '/v1/models/ads:predict';

    it.each<readonly [string, string, string | undefined, number, string | RegExp]>([
      ['GET', '/v1/models', undefined, 400, 'Missing model name in request.'],
      ['GET', '/v1/models/', undefined, 400, 'Malformed request: GET /v1/models/'],
      ['GET', '/v1/', undefined, 400, 'Malformed request: GET /v1/'],
      ['PUT', '/v1/models/ads', '{}', 400, 'Malformed request: PUT /v1/models/ads'],
      ['DELETE', predict, undefined, 400, `Malformed request: DELETE ${predict}`],
      ['GET', predict, undefined, 400, `Malformed request: GET ${predict}`],
      ['POST', '/v1/models/ads:guess?x=1', '{}', 400, 'Malformed request: POST /v1/models/ads:guess'],
      ['POST', '/v1/elsewhere', '{}', 400, 'Malformed request: POST /v1/elsewhere'],
      ['GET', '/elsewhere', undefined, 404, /nothing at/],
      ['GET', '/v1/models/bids', undefined, 404, 'Could not find any versions of model bids'],
      ['GET', '/v1/models/ads/versions/9', undefined, 404, 'Could not find version 9 of model ads'],
      ['GET', '/v1/models/bids/metadata', undefined, 404, 'Servable not found for request: Latest(bids)'],
      [
        'GET',
        '/v1/models/ads/labels/constructor/metadata',
        undefined,
        400,
        'Unrecognized servable version label: constructor',
      ],
      ['GET', '/v1/models/%zz', undefined, 400, /not a valid url/],
      ['POST', '/v1/models/bids:predict', '{}', 404, 'Servable not found for request: Latest(bids)'],
      ['POST', '/v1/models/bids:predict', '{', 400, 'JSON Parse error: Missing a name for object member. at offset: 1'],
      [
        'POST',
        '/v1/models/ads/versions/9007199254740993:predict',
        '{}',
        404,
        'Servable not found for request: Specific(ads, 9007199254740993)',
      ],
      ['POST', predict, undefined, 400, 'JSON Parse error: The document is empty'],
      ['POST', predict, '[]', 400, 'JSON Value: [] Is not object'],
      ['POST', predict, '{}', 400, "Missing 'inputs' or 'instances' key"],
      ['POST', predict, '{"signature_name": "s"}', 400, 'Serving signature name: "s" not found in signature def'],
      [
        'POST',
        predict,
        '{"instances": [{"price": 1}, {"price": "dear"}]}',
        400,
        'Failed to process element: 1 key: price of \'instances\' list. Error: INVALID_ARGUMENT: JSON Value: "dear" Type: String is not of expected type: float',
      ],
      [
        'POST',
        predict,
        '{"inputs": {"price": [{"b64": "AA=="}]}}',
        400,
        /^JSON Value: \{\s+"b64": "AA=="\s+\} Type: Object is not of expected type: float$/,
      ],
      [
        'POST',
        predict,
        '{"instances": [{"price": 1}, {"price": true}]}',
        400,
        "Failed to process element: 1 key: price of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: true Type: True is not of expected type: float",
      ],
      [
        'POST',
        predict,
        '{"inputs": {"price": [1, false], "site": [true, "a"]}}',
        400,
        'JSON Value: false Type: False is not of expected type: float',
      ],
      ['POST', '/v1/models/ads:classify', '{"examples": []}', 400, /'examples' value is an empty array$/],
      [
        'POST',
        '/v1/models/ads:regress',
        '{"examples": [{}], "signature_name": "s"}',
        400,
        'No signature was found with the name: s',
      ],
    ])('refuses %s %s %s', async (method, path, body, code, says) => {
      expect(await rest(method, path, body)).toMatchObject({
        code,
        json: { error: typeof says === 'string' ? says : expect.stringMatching(says) },
      });
    });
  });
});
