import { copyFileSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTestServable } from '@adstocrat/inference/testing';
import { type FolderServer, FoldersUnderTest, model, times } from './folders-under-test.ts';

/** Of what comes about by itself. */
const soon = { timeout: 240_000, interval: 20 };

interface Rest {
  readonly code: number;
  readonly text: string;
}
async function rest(server: FolderServer, path: string, body?: object | string): Promise<Rest> {
  const sent = typeof body === 'object' ? JSON.stringify(body) : body;
  const response = await fetch(server.rest + path, sent === undefined ? {} : { method: 'POST', body: sent });
  return { code: response.status, text: await response.text() };
}
const predict = (server: FolderServer, name: string, body: object | string): Promise<Rest> =>
  rest(server, `/v1/models/${encodeURIComponent(name)}:predict`, body);
/** What x = 1 gives, as a model of {@link times} answers; the code where it does not. */
async function factorOf(server: FolderServer, name: string, at = ''): Promise<number> {
  const { code, text } = await rest(server, `/v1/models/${encodeURIComponent(name)}${at}:predict`, { instances: [1] });
  return code === 200 ? (JSON.parse(text) as { predictions: number[] }).predictions[0]! : code;
}
/** A map as the descriptors have it. */
const entries = (map: object): object[] =>
  Object.entries(map).map(([key, value]) => ({ key, value: value as unknown }));
/** The state of each version, with its error. */
async function statesOf(server: FolderServer, name: string): Promise<Record<string, string>> {
  const { text } = await rest(server, `/v1/models/${encodeURIComponent(name)}`);
  const { model_version_status: told = [] } = JSON.parse(text) as {
    model_version_status?: { version: string; state: string; status: { error_message: string } }[];
  };
  return Object.fromEntries(
    told.map(({ version, state, status: { error_message: why } }) => [
      version,
      why === '' ? state : `${state}: ${why}`,
    ]),
  );
}
const failureOf = async (call: Promise<unknown>): Promise<{ code: number; details: string }> => {
  const { code, details } = await call.then(
    () => ({ code: status.OK, details: '' }),
    (error: unknown) => error as ServiceError,
  );
  return { code, details };
};

describe('a server of folders, without a registry', () => {
  const subject = new FoldersUnderTest();
  let server: FolderServer;
  beforeAll(async () => {
    const { models } = subject;
    subject.put('times', 9, times(9));
    subject.put('times', 10, times(10));
    subject.put('höhe & "weit" 100%', '00000007', times(7));
    subject.put('__proto__', 1, times(1.5));
    subject.put(
      'sum',
      1,
      model(
        [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
        [
          { name: 'a', type: 'int64', shape: ['N', 2] },
          { name: 'b', type: 'int64', shape: ['N', 2] },
        ],
        [{ name: 'sum', type: 'int64', shape: ['N', 2] }],
      ),
    );
    subject.put(
      'spread',
      1,
      model(
        [{ op: 'Expand', inputs: ['one', 'size'], outputs: ['many'] }],
        [{ name: 'size', type: 'int64', shape: [1] }],
        [{ name: 'many', type: 'float', shape: ['N'] }],
        [{ name: 'one', shape: [1], data: Float32Array.of(1) }],
      ),
    );
    subject.put(
      'text',
      3,
      model(
        [{ op: 'Identity', inputs: ['in'], outputs: ['out'] }],
        [{ name: 'in', type: 'string', shape: ['N'] }],
        [{ name: 'out', type: 'string', shape: ['N'] }],
      ),
    );
    subject.put(
      'any',
      1,
      model(
        [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
        [{ name: 'in', type: 'double' }],
        [{ name: 'out', type: 'double' }],
      ),
    );
    subject.put(
      'table',
      1,
      model(
        [{ op: 'Gather', inputs: ['table', 'at'], outputs: ['out'] }],
        [{ name: 'at', type: 'int32', shape: [2] }],
        [{ name: 'out', type: 'float', shape: [2] }],
        [{ name: 'table', shape: [3], data: Float32Array.of(10, 20, 30) }],
      ),
    );
    // Versions that are none, or must not be loaded.
    subject.write('strange/3.txt', 'a note');
    subject.write('strange/4', 'a file with the name of a version');
    subject.write('strange/123456789012345678901234567890/model.onnx', times(0));
    subject.write('strange/9007199254740993/model.onnx', times(0));
    subject.write('strange/-5/model.onnx', times(0));
    subject.write('strange/.git/1/model.onnx', times(0));
    subject.write('strange/1/saved_model.pb', 'TensorFlow');
    subject.write('corrupt/1/model.onnx', times(1).subarray(0, 70));
    subject.write('secret.onnx', times(666), subject.folder);
    mkdirSync(join(models, 'link/1'), { recursive: true });
    symlinkSync('../../../secret.onnx', join(models, 'link/1/model.onnx'));
    subject.write('link/2/real.bin', times(2));
    symlinkSync('real.bin', join(models, 'link/2/model.onnx'));
    symlinkSync('2', join(models, 'link/3'));
    symlinkSync(subject.folder, join(models, 'outside'));
    server = await subject.start({ MODEL_VERSION_POLICY: 'all' });
  });
  afterAll(async () => {
    await server.stop();
    subject.close();
  });

  const call = (model: string, inputs: object): Promise<Readonly<Record<string, unknown>>> =>
    server.tensorflow.call('Predict', { model_spec: { name: model }, inputs: entries(inputs) });
  const infer = (request: object): Promise<Readonly<Record<string, unknown>>> =>
    server.kserve.call('ModelInfer', request, new Metadata());

  it('is ready once it has tried to load what lies there, and answers by the highest version', async () => {
    expect((await rest(server, '/v2/health/ready')).code).toBe(200);
    expect([await factorOf(server, 'times'), await factorOf(server, 'times', '/versions/9')]).toEqual([10, 9]);
  });

  it.each([
    ['höhe & "weit" 100%', 7, '7'],
    ['__proto__', 1.5, '1'],
  ])('serves a model called %s', async (name, factor, version) => {
    expect(await factorOf(server, name)).toBe(factor);
    const path = `/v2/models/${encodeURIComponent(name)}`;
    expect(JSON.parse((await rest(server, path)).text)).toMatchObject({ name, versions: [version] });
  });

  it('takes several inputs, and integers beyond 2^53 exactly, over each protocol', async () => {
    const [big, one] = ['9007199254740993', '9223372036854775807'];
    const row = await predict(server, 'sum', `{"instances": [{"a": [${big}, ${one}], "b": [1, 0]}]}`);
    expect(row.text).toBe(`{"predictions": [[9007199254740994, ${one}]]}`);
    const column = await predict(server, 'sum', `{"inputs": {"a": [[${big}, 1]], "b": [[1, 1]]}}`);
    expect(column.text).toBe('{"outputs": [[9007199254740994, 2]]}');
    const v2 = await rest(
      server,
      '/v2/models/sum/infer',
      `{"inputs": [{"name": "a", "datatype": "INT64", "shape": [1, 2], "data": [${big}, ${one}]}, {"name": "b", "datatype": "INT64", "shape": [1, 2], "data": [[1, 0]]}]}`,
    );
    expect(v2.text).toContain(`"shape":[1,2],"data":[9007199254740994,${one}]`);
    const tensor = (...values: string[]) => ({
      dtype: 'DT_INT64',
      tensor_shape: { dim: [{ size: 1 }, { size: 2 }] },
      int64_val: values,
    });
    const { outputs } = await call('sum', { a: tensor(big, one), b: tensor('1', '0') });
    expect(outputs).toMatchObject([{ key: 'sum', value: { dtype: 'DT_INT64', int64_val: ['9007199254740994', one] } }]);
    const answer = await infer({
      model_name: 'sum',
      inputs: [
        { name: 'b', datatype: 'INT64', shape: [1, 2], contents: { int64_contents: ['1', '0'] } },
        { name: 'a', datatype: 'INT64', shape: [1, 2], contents: { int64_contents: [big, one] } },
      ],
    });
    expect(answer['outputs']).toMatchObject([
      { datatype: 'INT64', shape: ['1', '2'], contents: { int64_contents: ['9007199254740994', one] } },
    ]);
  });

  it('takes texts, and refuses bytes that are none', async () => {
    expect((await predict(server, 'text', { instances: ['weiß', { b64: 'w6Q=' }] })).text).toBe(
      '{"predictions": ["weiß", "ä"]}',
    );
    const bytes = { name: 'in', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('ja')] } };
    const { outputs } = await infer({ model_name: 'text', inputs: [bytes] });
    expect(outputs).toMatchObject([
      { datatype: 'BYTES', shape: ['1'], contents: { bytes_contents: [Buffer.from('ja')] } },
    ]);
    const wrong = { ...bytes, contents: { bytes_contents: [Buffer.of(0xff)] } };
    expect(await failureOf(infer({ model_name: 'text', inputs: [wrong] }))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/input "in", row 0: these bytes are no UTF-8/) as unknown,
    });
  });

  it('tells of each input and output what the file declares', async () => {
    const { text } = await rest(server, '/v1/models/any/metadata');
    expect(JSON.parse(text)).toMatchObject({
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: {
              inputs: { in: { dtype: 'DT_DOUBLE', name: 'in:0', tensor_shape: { dim: [], unknown_rank: true } } },
              method_name: 'tensorflow/serving/predict',
            },
          },
        },
      },
    });
    const of = async (name: string, path = ''): Promise<unknown> =>
      JSON.parse((await rest(server, `/v2/models/${name}${path}`)).text);
    expect(await of('sum')).toMatchObject({
      inputs: [
        { name: 'a', datatype: 'INT64', shape: [-1, 2] },
        { name: 'b', datatype: 'INT64', shape: [-1, 2] },
      ],
      outputs: [{ name: 'sum', datatype: 'INT64', shape: [-1, 2] }],
    });
    expect(await of('sum', '/config')).toMatchObject({
      max_batch_size: 262_144,
      input: [{ dims: [2] }, { dims: [2] }],
    });
    expect(await of('table', '/config')).toMatchObject({
      max_batch_size: 0,
      input: [{ dims: [2], data_type: 'TYPE_INT32' }],
    });
    const described = await server.tensorflow.call('GetModelMetadata', {
      model_spec: { name: 'table' },
      metadata_field: ['signature_def'],
    });
    expect(described['model_spec']).toMatchObject({ name: 'table', version: { value: '1' } });
  });

  it('answers what has no declared rank in the shape that comes out', async () => {
    expect((await predict(server, 'any', { inputs: [[1.5, 2]] })).text).toBe('{"outputs": [[-1.5, -2.0]]}');
    expect((await predict(server, 'any', { inputs: 3 })).text).toBe('{"outputs": -3.0}');
  });

  it.each([
    ['an input that is missing', 'sum', '{"instances": [{"a": [1, 2]}]}', /keys must be equal to: a,b/],
    [
      'an input that it does not have',
      'sum',
      '{"inputs": {"a": [[1, 2]], "b": [[1, 2]], "c": 1}}',
      /does not have named input: c/,
    ],
    ['a fraction for an integer', 'sum', '{"inputs": {"a": [[1.5, 2]], "b": [[1, 2]]}}', /row 0: 1.5 is no int64/],
    ['an integer of 65 bits', 'sum', '{"inputs": {"a": [[18446744073709551616, 2]], "b": [[1, 2]]}}', /is no int64/],
    [
      'another shape',
      'sum',
      '{"inputs": {"a": [1, 2], "b": [[1, 2]]}}',
      /has shape \[2\], and the model takes \[-1,2\]/,
    ],
    ['what the model itself refuses', 'table', '{"inputs": [0, 9]}', /does not take these inputs: .*idx=9/],
    ['a text for a number', 'times', '{"instances": ["1"]}', /1\\" is no float32/],
  ])('refuses %s', async (_, name, body, words) => {
    const { code, text } = await predict(server, name, body);
    expect([code, text]).toEqual([400, expect.stringMatching(words)]);
  });

  it('takes lists in the rows of a model that reads the column as one, and says how they are sent otherwise', async () => {
    const folder = join(subject.folder, 'partial-servable');
    await writeTestServable(folder, { model: 'tagged', version: 1, bias: 0, lists: ['tags'] });
    mkdirSync(join(subject.models, 'tagged'));
    renameSync(folder, join(subject.models, 'tagged', '1'));
    const rows = [{ tags: ['new', 'red'] }, { tags: 'new;red' }, { tags: [] }];
    await expect.poll(() => predict(server, 'tagged', { instances: rows }), soon).toMatchObject({ code: 200 });
    const path = '/v1/models/tagged:classify';
    expect((await rest(server, path, { examples: rows })).code).toBe(200);
    expect((await predict(server, 'tagged', { inputs: { tags: [['new', 'red'], ['red']] } })).code).toBe(200);
    const torn = await predict(server, 'tagged', { instances: [{ tags: ['new;red', 'blue'] }] });
    expect(torn).toEqual({
      code: 400,
      text: expect.stringMatching(/a value of the list holds \\";\\", which stands between its values/) as unknown,
    });
    const other = await predict(server, 'tagged', { instances: [{ site: ['new', 'red'] }] });
    expect([other.code, other.text]).toEqual([400, expect.stringMatching(/has shape \[1, 2\]/)]);
    const tags = { name: 'tags', datatype: 'BYTES', shape: [1, 2], data: ['new', 'red'] };
    const infer = await rest(server, '/v2/models/tagged/infer', { inputs: [tags] });
    expect(infer.text).toMatch(/got \[1,2\]: several values of a row are one text, with \\";\\" between them/);
    subject.remove('tagged');
  });

  it('says that there is no memory where inputs stand for more than there is', async () => {
    const words = /no memory for what the model makes of these inputs/;
    const { code, text } = await predict(server, 'spread', { inputs: [2 ** 42] });
    expect([code, text]).toEqual([429, expect.stringMatching(words)]);
    const size = { name: 'size', datatype: 'INT64', shape: [1], contents: { int64_contents: [2 ** 42] } };
    expect(await failureOf(infer({ model_name: 'spread', inputs: [size] }))).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      details: expect.stringMatching(words) as unknown,
    });
    expect((await predict(server, 'spread', { inputs: [2] })).text).toBe('{"outputs": [1.0, 1.0]}');
  });

  it("refuses over gRPC in each protocol's words", async () => {
    const a = { dtype: 'DT_INT64', tensor_shape: { dim: [{ size: 1 }, { size: 2 }] }, int64_val: ['1'] };
    expect((await failureOf(call('sum', { a }))).details).toBe(
      'input size does not match signature: 1!=2 len({a}) != len({a,b}). Sent extra: {}. Missing but required: {b}.',
    );
    const input = { name: 'a', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } };
    const b = { name: 'b', datatype: 'INT64', shape: [1, 2], contents: { int64_contents: [1, 2] } };
    expect((await failureOf(infer({ model_name: 'sum', inputs: [input] }))).details).toMatch(
      /missing required input\(s\) \['b'\]/,
    );
    expect((await failureOf(infer({ model_name: 'sum', inputs: [input, b] }))).details).toMatch(
      /data-type is 'FP32', but model 'sum' expects 'INT64'/,
    );
    // Few bytes that stand for many elements.
    const huge = { ...a, tensor_shape: { dim: [{ size: 2 ** 40 }, { size: 2 }] } };
    expect((await failureOf(call('sum', { a: huge, b: a }))).code).toBe(status.INVALID_ARGUMENT);
    expect(
      (
        await failureOf(
          server.tensorflow.call('Classify', {
            model_spec: { name: 'times' },
            input: { example_list: { examples: [{}] } },
          }),
        )
      ).code,
    ).toBe(status.FAILED_PRECONDITION);
  });

  it('asks for clicks in names only of models that know them', async () => {
    const { code, text } = await rest(server, '/click/v1/models/times/score', { features: { x: 1 } });
    expect([code, text]).toEqual([400, expect.stringMatching(/is a plain ONNX model/)]);
  });

  it('logs none of these predictions, and gives them no ids', async () => {
    const response = await fetch(`${server.rest}/v1/models/times:predict`, {
      method: 'POST',
      body: '{"instances": [1]}',
    });
    expect(response.headers.get('adstocrat-prediction-id')).toBeNull();
    expect(readdirSync(join(subject.folder, 'work'))).not.toContain('prediction-log');
  });

  it('says of a version why it cannot be loaded, and loads no file that is none of a version', async () => {
    expect(await statesOf(server, 'strange')).toEqual({
      1: expect.stringMatching(/^END: saved_model.pb is read by TensorFlow/),
    });
    await expect
      .poll(() => statesOf(server, 'corrupt'), soon)
      .toEqual({
        1: expect.stringMatching(/^END: the model cannot be loaded: .*Protobuf parsing failed/),
      });
    expect((await predict(server, 'corrupt', { instances: [1] })).code).toBe(404);
  });

  it('follows no link out of its folder', async () => {
    expect(await statesOf(server, 'link')).toEqual({
      1: expect.stringMatching(/^END: model.onnx: a symbolic link that leaves the folder/),
      2: 'AVAILABLE',
      3: expect.stringMatching(/^END: its folder: a symbolic link to a folder is not followed/),
    });
    expect(await factorOf(server, 'link')).toBe(2);
    expect(server.log).toContainEqual(
      expect.objectContaining({ msg: 'left out of the models', what: expect.stringMatching(/outside$/) as unknown }),
    );
  });
});

describe('versions of a folder that come and go', () => {
  const subject = new FoldersUnderTest();
  let server: FolderServer;
  beforeAll(async () => {
    subject.put('m', 1, times(1));
    server = await subject.start();
  });
  afterAll(async () => {
    await server.stop();
    subject.close();
  });

  it('answers by the old one until the new one has loaded, and unloads it then', async () => {
    subject.put('m', 2, times(2));
    const seen: number[] = [];
    await expect
      .poll(async () => {
        seen.push(await factorOf(server, 'm'));
        return statesOf(server, 'm');
      }, soon)
      .toEqual({ 1: 'END', 2: 'AVAILABLE' });
    expect([1, 2]).toEqual(expect.arrayContaining([...new Set(seen)]));
    // Its files go a moment later.
    await expect.poll(() => readdirSync(join(subject.folder, 'work/models/m')), soon).toHaveLength(1);
  });

  it('does not load what is still being copied', async () => {
    const whole = times(3);
    for (let end = 20; end < whole.length; end += 20) {
      subject.write('m/3/model.onnx', whole.subarray(0, end));
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    subject.write('m/3/model.onnx', whole);
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(3);
    expect(server.log.filter(({ msg, version }) => msg === 'version not loaded' && version === 3)).toEqual([]);
  });

  it('keeps the old one where the new one does not load, and takes the new one as soon as its files are others', async () => {
    subject.write('m/4/model.onnx', 'half');
    await expect.poll(async () => (await statesOf(server, 'm'))['4'], soon).toMatch(/^END: the model cannot be loaded/);
    expect(await factorOf(server, 'm')).toBe(3);
    const tries = (): number =>
      server.log.filter(({ msg, version }) => msg === 'version not loaded' && version === 4).length;
    const before = tries();
    await new Promise((resolve) => setTimeout(resolve, 400));
    // Ten looks later it has not been tried again: it waits for 5 s.
    expect(tries()).toBe(before);
    subject.write('m/4/model.onnx', times(4));
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(4);
  });

  it('loads none whose digests are not those beside it', async () => {
    subject.write('m/5/SHA256SUMS', `${'0'.repeat(64)}  model.onnx\n`);
    subject.write('m/5/model.onnx', times(5));
    await expect
      .poll(async () => (await statesOf(server, 'm'))['5'], soon)
      .toMatch(/^END: model.onnx has another sha256/);
    expect(await factorOf(server, 'm')).toBe(4);
    subject.remove('m', '5');
  });

  it('goes back to the one before where files are removed, and answers none where all are', async () => {
    subject.put('m', 6, times(6));
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(6);
    subject.remove('m', '6');
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(4);
    subject.remove('m');
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(404);
    await expect.poll(async () => (await statesOf(server, 'm'))['4'], soon).toBe('END');
    subject.put('m', 1, times(1));
    await expect.poll(() => factorOf(server, 'm'), soon).toBe(1);
  });

  it('goes on where a version in service is written over', async () => {
    subject.write('m/1/model.onnx', times(99));
    await expect
      .poll(() => server.log.some(({ msg }) => /files of a version in service changed/.test(String(msg))), soon)
      .toBe(true);
    expect(await factorOf(server, 'm')).toBe(1);
  });

  it("chooses versions as a model's config.pbtxt says, and says what is wrong with one", async () => {
    for (const version of [1, 2, 3]) subject.put('triton', version, times(version));
    subject.write(
      'triton/config.pbtxt',
      'platform: "onnxruntime_onnx"\nversion_policy: { specific { versions: [1, 3] } }',
    );
    await expect.poll(() => statesOf(server, 'triton'), soon).toMatchObject({ 1: 'AVAILABLE', 3: 'AVAILABLE' });
    expect(await factorOf(server, 'triton', '/versions/2')).toBe(404);
    subject.write('triton/config.pbtxt', 'version_policy: {');
    await expect
      .poll(() => server.log.some(({ reason }) => /config.pbtxt: line 1/.test(String(reason))), soon)
      .toBe(true);
    expect(await factorOf(server, 'triton')).toBe(3);
  });

  it('serves a servable with its transform graph from a folder too', async () => {
    await writeTestServable(join(subject.folder, 'servable'), { model: 'clicks', version: 1, bias: 0 });
    mkdirSync(join(subject.models, 'clicks/1'), { recursive: true });
    for (const file of readdirSync(join(subject.folder, 'servable')))
      copyFileSync(join(subject.folder, 'servable', file), join(subject.models, 'clicks/1', file));
    await expect
      .poll(async () => (await predict(server, 'clicks', { instances: [{ price: 10 }] })).text, soon)
      .toBe('{"predictions": [0.5]}');
  });

  it('is unloaded and loaded by request, as in Triton', async () => {
    expect((await rest(server, '/v2/repository/models/triton/unload', {})).code).toBe(200);
    expect(await factorOf(server, 'triton')).toBe(404);
    expect((await rest(server, '/v2/repository/models/triton/load', {})).code).toBe(200);
    expect(await factorOf(server, 'triton')).toBe(3);
    expect((await rest(server, '/v2/repository/models/nobody/load', {})).code).toBe(500);
  });
});

describe('models that a configuration of TensorFlow Serving names', () => {
  const subject = new FoldersUnderTest();
  const elsewhere = join(subject.folder, 'elsewhere');
  let server: FolderServer;
  const file = join(subject.folder, 'models.config');
  const config = (policy: string, labels = ''): string =>
    `model_config_list { config { name: "ctr" base_path: "${elsewhere}/ctr" model_platform: "tensorflow" ${policy} ${labels} } }`;
  beforeAll(async () => {
    for (const version of [1, 2, 3]) subject.put('ctr', version, times(version), elsewhere);
    writeFileSync(file, config('', 'version_labels { key: "stable" value: 1 }'));
    server = await subject.start({ MODEL_FOLDERS: '', MODEL_CONFIG_FILE: file });
  });
  afterAll(async () => {
    await server.stop();
    subject.close();
  });
  const reload = (...configs: readonly object[]): Promise<unknown> =>
    server.tensorflow.call('HandleReloadConfigRequest', { config: { model_config_list: { config: configs } } });
  const ctr = (more: object): object => ({
    name: 'ctr',
    base_path: join(elsewhere, 'ctr'),
    model_platform: 'onnx',
    ...more,
  });

  it('serves the latest, and what a label names', async () => {
    expect([await factorOf(server, 'ctr'), await factorOf(server, 'ctr', '/labels/stable')]).toEqual([3, 1]);
    expect(await factorOf(server, 'ctr', '/versions/2')).toBe(404);
  });

  it('reads the file anew when it changes, and keeps what it knows where it is wrong', async () => {
    writeFileSync(file, 'model_config_list { config { name: "ctr" } }');
    await expect.poll(() => server.log.some(({ reason }) => /has no base_path/.test(String(reason))), soon).toBe(true);
    expect(await factorOf(server, 'ctr')).toBe(3);
    writeFileSync(file, config('model_version_policy { specific { versions: 1 versions: 2 } }'));
    await expect.poll(() => factorOf(server, 'ctr'), soon).toBe(2);
    expect(await factorOf(server, 'ctr', '/labels/stable')).toBe(400);
  });

  it('says which version is configured and not there', async () => {
    writeFileSync(file, config('model_version_policy { specific { versions: 2 versions: 41 } }'));
    const said = { msg: 'a version that is configured is not there', what: 'ctr', reason: 'version 41' };
    await expect.poll(() => server.log, soon).toContainEqual(expect.objectContaining(said));
    await expect.poll(() => factorOf(server, 'ctr'), soon).toBe(2);
  });

  it('takes another configuration by request', async () => {
    await reload(ctr({ model_version_policy: { all: {} }, version_labels: entries({ stable: '2', canary: '3' }) }));
    expect([await factorOf(server, 'ctr'), await factorOf(server, 'ctr', '/labels/stable')]).toEqual([3, 2]);
    await reload(ctr({ model_version_policy: { latest: { num_versions: 2 } } }));
    await expect.poll(async () => (await statesOf(server, 'ctr'))['1'], soon).toBe('END');
  });

  it('points no label at a version that is not ready', async () => {
    await reload(ctr({ version_labels: entries({ stable: '3' }) }));
    subject.write('ctr/7/model.onnx', 'no model', elsewhere);
    for (const version of ['7', '99']) {
      const refused = await failureOf(reload(ctr({ version_labels: entries({ stable: version }) })));
      expect(refused).toEqual({
        code: status.FAILED_PRECONDITION,
        details: `Request to assign label to version ${version} of model ctr, which is not currently available for inference`,
      });
      expect(await factorOf(server, 'ctr', '/labels/stable')).toBe(3);
    }
  });

  it.each([
    [
      'a place that nobody allowed',
      { name: 'passwords', base_path: '/etc' },
      /none of the places that MODEL_ROOTS allows/,
    ],
    ['a place beside', { name: 'x', base_path: '../../x' }, /none of the places/],
    ['a place above', { name: 'x', base_path: `file://${elsewhere}/ctr/%2e%2e/../../x` }, /none of the places/],
    ['a place that begins alike', { name: 'x', base_path: join(elsewhere, 'ctr-beside') }, /none of the places/],
    ['another kind of place', { name: 'x', base_path: 's3://b/x' }, /in a folder or in gs:\/\/bucket\/prefix, got s3/],
    ['no place', { name: 'x' }, /has no base_path/],
    ['no name', { name: '', base_path: '/x' }, /is no name of a model/],
  ])('refuses %s, and changes nothing', async (_, model, words) => {
    expect(await failureOf(reload(model))).toEqual({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(words) as unknown,
    });
    expect(await factorOf(server, 'ctr')).toBe(3);
  });

  it('ends a model that the configuration no longer names', async () => {
    await reload();
    await expect.poll(() => factorOf(server, 'ctr'), soon).toBe(404);
  });
});

describe('models that came and went', () => {
  const subject = new FoldersUnderTest();
  afterAll(() => subject.close());

  it('are told for a while, the last 64 of them', async () => {
    const names = Array.from({ length: 70 }, (_, index) => `m${index}`);
    for (const name of names) subject.put(name, 1, times(1));
    const server = await subject.start();
    try {
      await expect.poll(() => factorOf(server, 'm69'), soon).toBe(1);
      for (const name of names) subject.remove(name);
      const told = async (): Promise<number> =>
        (JSON.parse((await rest(server, '/v2/repository/index', {})).text) as []).length;
      await expect.poll(told, soon).toBe(64);
      subject.put('m0', 2, times(2));
      await expect.poll(() => factorOf(server, 'm0'), soon).toBe(2);
    } finally {
      await server.stop();
    }
  });
});

describe('a model that was unloaded by request', () => {
  it('stays so where its folder goes, is forgotten behind those of many others, and comes back', async () => {
    const subject = new FoldersUnderTest();
    subject.put('kept', 1, times(1));
    subject.put('out', 1, times(2));
    const server = await subject.start();
    try {
      const ready = async (name: string): Promise<number> => (await rest(server, `/v2/models/${name}/ready`)).code;
      await expect.poll(() => ready('out'), soon).toBe(200);
      expect((await rest(server, '/v2/repository/models/out/unload', {})).code).toBe(200);
      subject.remove('out');
      const [first, ...others] = Array.from({ length: 65 }, (_, at) => `other-${at}`);
      for (const name of [first!, ...others]) subject.put(name, 1, times(1));
      await expect.poll(() => ready(others.at(-1)!), soon).toBe(200);
      for (const name of [first!, ...others]) subject.remove(name);
      // Forgotten: nothing is told of its versions any more.
      await expect.poll(async () => (await rest(server, '/v1/models/out')).code, soon).toBe(404);
      subject.put('out', 1, times(2));
      subject.put('marker', 1, times(1));
      await expect.poll(() => ready('marker'), soon).toBe(200);
      expect(await factorOf(server, 'out')).toBe(404);
      expect((await rest(server, '/v2/repository/models/out/load', {})).code).toBe(200);
      expect(await factorOf(server, 'out')).toBe(2);
    } finally {
      await server.stop();
      subject.close();
    }
  }, 240_000);
});

describe('versions that were unloaded', () => {
  const subject = new FoldersUnderTest();
  afterAll(() => subject.close());

  it('leave no memory behind', async () => {
    const bytes = 48 * 1024 * 1024;
    // `y` is a row of a table of that size, which lies in the file. What makes the file is no part of what is measured.
    const large = subject.write(
      'large.onnx',
      model(
        [{ op: 'Gather', inputs: ['table', 'x'], outputs: ['y'] }],
        [{ name: 'x', type: 'int64', shape: ['N'] }],
        [{ name: 'y', type: 'float', shape: ['N'] }],
        [{ name: 'table', shape: [bytes / 4], data: new Float32Array(bytes / 4).fill(7) }],
      ),
      subject.folder,
    );
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const server = await subject.start();
    const sizes: number[] = [];
    try {
      for (let version = 1; version <= 6; version += 1) {
        mkdirSync(join(subject.folder, 'next'));
        copyFileSync(large, join(subject.folder, 'next/model.onnx'));
        mkdirSync(join(subject.models, 'large'), { recursive: true });
        renameSync(join(subject.folder, 'next'), join(subject.models, 'large', String(version)));
        const wanted = { ...(version > 1 && { [version - 1]: 'END' }), [version]: 'AVAILABLE' };
        await expect.poll(() => statesOf(server, 'large'), soon).toMatchObject(wanted);
        expect(await factorOf(server, 'large')).toBe(7);
        collectGarbage();
        sizes.push(process.memoryUsage().rss);
      }
    } finally {
      await server.stop();
    }
    // Four more versions came and went: kept, they would have taken four times their size.
    expect(sizes.at(-1)! - sizes[1]!).toBeLessThan(2 * bytes);
  }, 600_000);
});
