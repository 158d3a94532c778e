import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { encodeOnnx, type OnnxGraph, type OnnxType } from '@adstocrat/onnx';
import { tensorOf, type Tensors } from './element-tensor.ts';
import { TensorModel } from './tensor-model.ts';
import { RunFailed } from './run-failed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tensor-model-'));
const models: TensorModel[] = [];
afterEach(async () => {
  for (const model of models.splice(0)) await model.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function opened(bytes: Uint8Array, how: 'open' | 'openApart' = 'open'): Promise<TensorModel> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  const model = await TensorModel[how](path);
  models.push(model);
  return model;
}
const graph = (given: Pick<OnnxGraph, 'nodes' | 'inputs' | 'outputs'> & Partial<OnnxGraph>): Uint8Array =>
  encodeOnnx({ name: 'graph', constants: [], ...given });
const identity = (type: OnnxType, shape?: readonly (number | string)[]): Uint8Array =>
  graph({
    nodes: [{ op: 'Identity', inputs: ['in'], outputs: ['out'] }],
    inputs: [{ name: 'in', type, ...(shape && { shape }) }],
    outputs: [{ name: 'out', type, ...(shape && { shape }) }],
  });
const floats = (...values: readonly number[]): Tensors =>
  new Map([['in', tensorOf('float32', [values.length], Float32Array.from(values))]]);
const elements = (outputs: Tensors): unknown[] => [...(outputs.get('out')?.data ?? [])];

describe.each(['open', 'openApart'] as const)('TensorModel.%s', (how) => {
  it.each([
    ['float', 'float32', Float32Array.of(1.5, NaN)],
    ['double', 'float64', Float64Array.of(0.1, -0)],
    ['float16', 'float16', Float16Array.of(1.5, -2)],
    ['int64', 'int64', BigInt64Array.of(2n ** 62n + 1n, -(2n ** 63n))],
    ['uint64', 'uint64', BigUint64Array.of(2n ** 64n - 1n, 0n)],
    ['int32', 'int32', Int32Array.of(-5, 7)],
    ['uint32', 'uint32', Uint32Array.of(4_294_967_295, 1)],
    ['int16', 'int16', Int16Array.of(-32_768, 1)],
    ['uint16', 'uint16', Uint16Array.of(65_535, 1)],
    ['int8', 'int8', Int8Array.of(-128, 1)],
    ['uint8', 'uint8', Uint8Array.of(255, 1)],
    ['bool', 'bool', Uint8Array.of(1, 0)],
    ['string', 'string', ['höhe', '']],
  ] as const)('gives back elements of type %s as they were', async (onnx, type, data) => {
    const model = await opened(identity(onnx, ['N']), how);
    expect(model.inputs).toEqual([{ name: 'in', type, shape: [-1] }]);
    await model.warmUp();
    const given = tensorOf(type, [2], data);
    const { shape, data: got } = (await model.run(new Map([['in', given]]))).get('out')!;
    expect(shape).toEqual([2]);
    expect([...got]).toEqual([...data]);
  });

  it('tells what has no declared rank from a scalar', async () => {
    const model = await opened(identity('float'), how);
    expect([model.inputs, model.hasRows]).toEqual([[{ name: 'in', type: 'float32' }], false]);
    const scalar = await opened(identity('float', []), how);
    expect(scalar.outputs).toEqual([{ name: 'out', type: 'float32', shape: [] }]);
  });

  it('shares runs of rows where none depends on those beside it', async () => {
    const model = await opened(
      graph({
        nodes: [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
        inputs: [{ name: 'in', type: 'float', shape: ['N'] }],
        outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
      }),
      how,
    );
    expect([model.hasRows, (await model.warmUp()).sharesRuns]).toEqual([true, true]);
    const answers = await Promise.all([model.run(floats(1)), model.run(floats(2, 3)), model.run(floats(4))]);
    expect(answers.map(elements)).toEqual([[-1], [-2, -3], [-4]]);
  });

  it('lets this thread turn, and others have their answers, between the runs of a call of many rows', async () => {
    const model = await opened(
      graph({
        nodes: [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
        inputs: [{ name: 'in', type: 'float', shape: ['N'] }],
        outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
      }),
      how,
    );
    await model.warmUp();
    const order: string[] = [];
    // 40 runs of 128 rows, and one of 7.
    const many = Float32Array.from({ length: 40 * 128 + 7 }, (_, row) => row);
    const large = model.run(new Map([['in', tensorOf('float32', [many.length], many)]]));
    const small = async (): Promise<void> => {
      for (let call = 1; call <= 3; call += 1) {
        expect(elements(await model.run(floats(call)))).toEqual([-call]);
        order.push('small');
      }
    };
    const [answer] = await Promise.all([large.finally(() => order.push('large')), small()]);
    expect(answer.get('out')).toEqual(
      tensorOf(
        'float32',
        [many.length],
        many.map((row) => -row),
      ),
    );
    expect(order).toEqual(['small', 'small', 'small', 'large']);
  });

  it.each([true, false])(
    'asks of a call whether it is to go on when its run comes, and not before (shared runs: %s)',
    async (shares) => {
      const model = await opened(
        graph({
          nodes: [{ op: 'Neg', inputs: ['in'], outputs: ['out'] }],
          inputs: [{ name: 'in', type: 'float', shape: ['N'] }],
          outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
        }),
        how,
      );
      await model.confirm(shares);
      let over = false;
      const asked: string[] = [];
      const call = (name: string, goOn: () => void = () => undefined): Promise<Tensors> =>
        // 128 rows share a run with nobody.
        model.run(new Map([['in', tensorOf('float32', [128], new Float32Array(128))]]), () => {
          asked.push(name);
          goOn();
        });
      const calls = [
        call('first', () => (over = true)),
        call('late', () => {
          if (over) throw new RangeError('nobody waits');
        }),
        call('last'),
      ];
      expect(asked).toEqual([]);
      const [first, late, last] = await Promise.allSettled(calls);
      expect(asked).toEqual(['first', 'late', 'last']);
      expect([first?.status, last?.status]).toEqual(['fulfilled', 'fulfilled']);
      expect(late).toEqual({ status: 'rejected', reason: new RangeError('nobody waits') });
    },
  );

  it('takes over what was seen of the same file in another session', async () => {
    const sums = graph({
      nodes: [{ op: 'CumSum', inputs: ['in', 'axis'], outputs: ['out'] }],
      constants: [{ name: 'axis', shape: [], data: BigInt64Array.of(0n) }],
      inputs: [{ name: 'in', type: 'float', shape: ['N'] }],
      outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
    });
    const answers = async (sharesRuns: boolean): Promise<unknown> => {
      const model = await opened(sums, how);
      await model.confirm(sharesRuns);
      return (await Promise.all([model.run(floats(1, 2)), model.run(floats(4, 8))])).map(elements);
    };
    expect(await answers(false)).toEqual([
      [1, 3],
      [4, 12],
    ]);
    // Said of such a model it is wrong, and shows: 1 + 2 + 4, 1 + 2 + 4 + 8.
    expect(await answers(true)).toEqual([
      [1, 3],
      [7, 15],
    ]);
  });

  // x ÷ max(limit, the largest x): rows are told from each other by numbers of some size alone.
  it.each([2, 1000])('runs each call alone where rows depend on one that is larger than %d', async (limit) => {
    const model = await opened(
      graph({
        nodes: [
          { op: 'ReduceMax', inputs: ['in'], outputs: ['largest'], attributes: { keepdims: 0 } },
          { op: 'Max', inputs: ['largest', 'limit'], outputs: ['by'] },
          { op: 'Div', inputs: ['in', 'by'], outputs: ['out'] },
        ],
        constants: [{ name: 'limit', shape: [], data: Float32Array.of(limit) }],
        inputs: [{ name: 'in', type: 'float', shape: ['N'] }],
        outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
      }),
      how,
    );
    expect([model.hasRows, (await model.warmUp()).sharesRuns]).toEqual([true, false]);
  });

  it.each([
    { why: 'rows depend on each other', op: 'CumSum', shape: ['N'] },
    { why: 'the first dimension is fixed', op: 'Neg', shape: [2] },
    { why: 'the rank is unknown', op: 'Neg', shape: undefined },
  ])('runs each call alone where $why', async ({ op, shape }) => {
    const model = await opened(
      graph({
        nodes: [{ op, inputs: op === 'CumSum' ? ['in', 'axis'] : ['in'], outputs: ['out'] }],
        constants: op === 'CumSum' ? [{ name: 'axis', shape: [], data: BigInt64Array.of(0n) }] : [],
        inputs: [{ name: 'in', type: 'float', ...(shape && { shape }) }],
        outputs: [{ name: 'out', type: 'float', ...(shape && { shape }) }],
      }),
      how,
    );
    expect((await model.warmUp()).sharesRuns).toBe(false);
    const answers = await Promise.all([model.run(floats(1, 2)), model.run(floats(4, 8))]);
    expect(answers.map(elements)).toEqual(
      op === 'CumSum'
        ? [
            [1, 3],
            [4, 12],
          ]
        : [
            [-1, -2],
            [-4, -8],
          ],
    );
  });

  it('says what of a request the model does not take, and others beside it do not hear of it', async () => {
    const model = await opened(
      graph({
        nodes: [{ op: 'Gather', inputs: ['table', 'in'], outputs: ['out'] }],
        constants: [{ name: 'table', shape: [3], data: Float32Array.of(10, 20, 30) }],
        inputs: [{ name: 'in', type: 'int64', shape: ['N'] }],
        outputs: [{ name: 'out', type: 'float', shape: ['N'] }],
      }),
      how,
    );
    expect((await model.warmUp()).sharesRuns).toBe(true);
    const ids = (...values: bigint[]): Tensors =>
      new Map([['in', tensorOf('int64', [values.length], BigInt64Array.from(values))]]);
    const [good, bad] = await Promise.allSettled([model.run(ids(2n)), model.run(ids(9n))]);
    expect(good.status === 'fulfilled' && elements(good.value)).toEqual([30]);
    expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(RunFailed) as unknown });
    expect(String((bad as PromiseRejectedResult).reason)).toMatch(/idx=9/);
  });

  it.each([
    {
      what: 'a dimension that the model has another size of',
      of: 'inputs',
      op: 'MatMul',
      shape: [1, 2],
      says: /index: 1 Got: 2 Expected: 3/,
    },
    { what: 'a dimension too many', of: 'inputs', op: 'MatMul', shape: [1, 1, 3], says: /Got: 3 Expected: 2/ },
    { what: 'sizes that do not fit an operation', of: 'inputs', op: 'Add', shape: [2, 3], says: /2 by 4/ },
    {
      what: 'more than there is memory for',
      of: 'memory',
      op: 'Expand',
      shape: [2],
      says: /bad_alloc|allocate memory/,
    },
  ] as const)('says of $what that it is of the $of', async ({ of, op, shape, says }) => {
    const expand = op === 'Expand';
    const model = await opened(
      graph({
        nodes: [{ op, inputs: expand ? ['table', 'in'] : ['in', 'table'], outputs: ['out'] }],
        constants: [
          { name: 'table', shape: op === 'Add' ? [4, 3] : [3, 1], data: new Float32Array(op === 'Add' ? 12 : 3) },
        ],
        inputs: [{ name: 'in', type: expand ? 'int64' : 'float', shape: expand ? ['N'] : ['N', 3] }],
        outputs: [{ name: 'out', type: 'float', shape: ['N', 'M'] }],
      }),
      how,
    );
    const given = expand
      ? tensorOf('int64', shape, BigInt64Array.of(3n, 2n ** 43n))
      : tensorOf('float32', shape, new Float32Array(shape.reduce<number>((product, size) => product * size, 1)));
    const failure = await model.run(new Map([['in', given]])).catch((error: unknown) => error);
    if (!(failure instanceof RunFailed)) throw new Error('not refused', { cause: failure });
    expect([failure.of, failure.message]).toEqual([of, expect.stringMatching(says)]);
  });

  it.each([
    { what: 'half of a file', bytes: identity('float', ['N']).subarray(0, 60) },
    { what: 'text', bytes: new TextEncoder().encode('not a model') },
    { what: 'nothing', bytes: new Uint8Array(0) },
  ])('refuses $what, and names no folder', async ({ bytes }) => {
    const failure = await opened(bytes, how).catch((error: unknown) => String(error));
    expect(failure).toMatch(/DamagedServable: the model cannot be loaded/);
    expect(failure).not.toContain(folder);
  });
});

describe('a failure of the engine', () => {
  it('is not the fault of the inputs', async () => {
    const model = await opened(identity('float', ['N']));
    await model.close();
    await expect(models.pop()?.run(floats(1))).rejects.toMatchObject({ name: 'RunFailed', of: 'engine' });
  });
});
