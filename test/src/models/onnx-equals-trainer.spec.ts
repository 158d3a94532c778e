import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  type BlendPart,
  blendModels,
  type Calibration,
  composeModel,
  crossTable,
  imageInput,
  imageTowerGraph,
  layerOps,
  type ModelInputs,
  type ModelOptions,
  type ModelSpec,
  scorer,
  scoringGraph,
  type StreamOptions,
  type Weights,
} from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import { ClickModelTrainer, imageVectors, initialWeights, type TrainingBatch } from '@adstocrat/tensorflow';
import { uniform } from '../e2e/click-log.ts';

const rows = 128;
const inputs: ModelInputs = { fields: 5, idRows: 300, dense: 3 };
const cross = { stream: 'cross-network', crossLayers: 2, hidden: [16, 8], dropout: 0.2 } as const;
const options: ModelOptions = {
  wideL2: 1,
  embedding: { units: 4, l2: 1, dropout: 0.1 },
  streams: [cross],
  image: { filters: 8, cells: 2, units: 6 },
};
const withPairs: ModelOptions = { ...options, streams: [{ stream: 'factorization-machine' }, cross] };
const base = composeModel(inputs, options);
const [trees, depth] = [30, 4] as const;
/** Pairs of ids that a quarter of the drawn rows have, at two pairs of features. */
const { multipliers, ...remembered } = crossTable({
  firsts: Array.from({ length: 150 ** 2 }, (_, pair) => Math.floor(pair / 150)),
  seconds: Array.from({ length: 150 ** 2 }, (_, pair) => pair % 150),
  weights: Array.from({ length: 150 ** 2 }, (_, pair) => (pair % 64) / 16 - 2),
});

interface StreamRow<S extends StreamOptions> {
  readonly why: string;
  readonly stream: S;
  /** Weights that no gradient moves. */
  readonly fixed?: (next: () => number) => Weights;
}

/** The compiler asks for a row of each stream. */
const streams: {
  readonly [Name in StreamOptions['stream']]: readonly StreamRow<Extract<StreamOptions, { readonly stream: Name }>>[];
} = {
  'boosted-trees': [{ why: 'trees', stream: { stream: 'boosted-trees', trees, depth }, fixed: drawnTrees(3 + 5) }],
  'cross-network': [
    { why: 'a cross network without hidden layers', stream: { ...cross, hidden: [] } },
    { why: 'hidden layers alone', stream: { ...cross, crossLayers: 0 } },
    { why: 'hidden layers by batch', stream: { ...cross, batchNorm: true } },
  ],
  crosses: [
    {
      why: 'remembered pairs of ids',
      stream: {
        stream: 'crosses',
        of: [
          [0, 1],
          [4, 1],
        ],
        slots: remembered.weights.length,
        multipliers,
      },
      fixed: () =>
        new Map([
          ...Object.entries(remembered).map(([part, data]) => [`crosses.${part}`, data] as const),
          ['crosses.usual', Float32Array.of(-0.5, 0.75)] as const,
          ['crosses.known', Float32Array.from({ length: inputs.idRows }, (_, id) => (id % 7 === 0 ? 0 : 1))] as const,
        ]),
    },
  ],
  'factorization-machine': [{ why: 'a factorization machine', stream: { stream: 'factorization-machine' } }],
  'two-stream': [
    { why: 'two streams', stream: { stream: 'two-stream', left: [8], right: [6, 4], dropout: 0.2 } },
    {
      why: 'two streams by batch',
      stream: { stream: 'two-stream', left: [8], right: [6, 4], dropout: 0, batchNorm: true },
    },
  ],
};
const specs: readonly {
  readonly why: string;
  readonly spec: ModelSpec;
  readonly isotonic?: Calibration;
  readonly fixed?: (next: () => number) => Weights;
}[] = [
  { why: 'fields and numbers', spec: base },
  { why: 'numbers only', spec: composeModel({ ...inputs, fields: 0, idRows: 0 }, options) },
  { why: 'fields only', spec: composeModel({ ...inputs, dense: 0 }, options) },
  {
    why: 'an isotonic calibration',
    spec: base,
    isotonic: { method: 'isotonic', from: [-2.4, -2.2, -2], to: [-3, -2.9, -1] },
  },
  { why: 'images of an even size', spec: composeModel({ ...inputs, imageSize: 16 }, options) },
  // Odd sizes are padded on both sides where even ones are padded at their end.
  { why: 'images of an odd size', spec: composeModel({ ...inputs, imageSize: 15 }, options) },
  {
    why: 'images among the pairs',
    spec: composeModel({ ...inputs, imageSize: 8 }, { ...options, streams: [{ stream: 'factorization-machine' }] }),
  },
  { why: 'images alone', spec: composeModel({ fields: 0, idRows: 0, dense: 0, imageSize: 8 }, options) },
  { why: 'texts among other features', spec: composeModel({ ...inputs, slots: [1, 3, 1] }, withPairs) },
  { why: 'texts alone', spec: composeModel({ ...inputs, slots: [2, 3] }, withPairs) },
  { why: 'one text and nothing else', spec: composeModel({ ...inputs, dense: 0, slots: [5] }, withPairs) },
  { why: 'features of one id behind a text', spec: composeModel({ ...inputs, slots: [2, 1, 1, 1] }, withPairs) },
  { why: 'trees that read texts', spec: withTrees({ ...inputs, slots: [1, 3, 1] }), fixed: drawnTrees(3 + 3) },
  { why: 'trees on numbers', spec: withTrees({ ...inputs, fields: 0, idRows: 0 }), fixed: drawnTrees(3) },
  { why: 'trees that see images', spec: withTrees({ ...inputs, imageSize: 8 }), fixed: drawnTrees(3) },
  { why: 'no streams', spec: composeModel(inputs, { ...options, streams: [] }) },
  ...Object.values(streams).flatMap((rowsOfIt: readonly StreamRow<StreamOptions>[]) =>
    rowsOfIt.map(({ stream, ...row }) => ({ ...row, spec: composeModel(inputs, { ...options, streams: [stream] }) })),
  ),
];
const calibration: Calibration = { method: 'platt', slope: 0.8, intercept: -0.3 };
const distinctImages = 9;

function batchOf({ inputs }: ModelSpec, next: () => number): TrainingBatch {
  return {
    rows,
    ids: Int32Array.from({ length: rows * inputs.fields }, () => Math.floor(next() * inputs.idRows)),
    dense: Float32Array.from({ length: rows * inputs.dense }, () => next() * 4 - 2),
    // The last one is −1: a row without an image.
    ...(inputs.imageSize === undefined
      ? {}
      : { images: Int32Array.from({ length: rows }, (_, row) => (row % (distinctImages + 1)) - 1) }),
  };
}

/** Gives the trainer what its tower says of the images. */
async function showImages(
  trainer: ClickModelTrainer,
  { image: tower }: ModelOptions,
  pixels: Float32Array,
): Promise<void> {
  const { imageSize: size = 0 } = trainer.spec.inputs;
  if (tower !== undefined)
    trainer.setImages(new Map([['image', await imageVectors(pixels, { size, tower, weights: trainer.weights() })]]));
}

function trainerOf(spec: ModelSpec, seed: number, fixed: Weights = new Map()): ClickModelTrainer {
  const idCounts = new Float32Array(spec.inputs.idRows).fill(10);
  return new ClickModelTrainer(spec, new Map([...initialWeights(spec, seed, 0.1), ...fixed]), { seed, idCounts });
}

function withTrees(given: ModelInputs): ModelSpec {
  return composeModel(given, { ...options, streams: [{ stream: 'boosted-trees', trees, depth }] });
}

/** Trees as a fit gives them, some of whose nodes do not split. They read numbers, images and ids alike. */
/** Over so many numbers; what images say is not among them, as towers give other last bits. Sums of the ids' numbers are exact. */
function drawnTrees(width: number): (next: () => number) => Weights {
  const nodes = trees * (2 ** depth - 1);
  const drawn = (length: number, one: () => number): Float32Array => Float32Array.from({ length }, one);
  return (next) =>
    new Map([
      ['trees.ids.table', drawn(inputs.idRows, () => Math.round(next() * 64 - 32) / 16)],
      ['trees.numbers', drawn(nodes, () => Math.floor(next() * width))],
      ['trees.thresholds', drawn(nodes, () => (next() < 0.2 ? Infinity : next() * 3 - 1.5))],
      ['trees.leaves', drawn(trees * 2 ** depth, () => next() / 2 - 0.25)],
    ]);
}

async function run(model: Uint8Array, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const known = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as Tensor]));
  const [output] = Object.values(await session.run(known));
  return output?.data as Float32Array;
}

describe.each(specs)('the ONNX graphs of a model with $why', ({ spec, isotonic = calibration, fixed }) => {
  it('give the trainer’s scores within 1e-5', async () => {
    const next = uniform(11);
    const trainer = trainerOf(spec, 3, fixed?.(next));
    const image = imageInput(spec);
    const pixels = Float32Array.from({ length: distinctImages * (image?.size ?? 0) ** 2 * 3 }, () => next() * 4 - 2);
    if (image !== undefined) await showImages(trainer, options, pixels);
    const batch = batchOf(spec, next);
    const labels = Float32Array.from({ length: rows }, () => (next() < 0.3 ? 1 : 0));
    // A few steps away from the first weights, where all biases are zero.
    for (let step = 0; step < 5; step += 1) trainer.trainStep(batch, labels, { learningRate: 0.01 });
    const logits = trainer.logits(batch);
    const weights = trainer.weights();
    trainer.dispose();

    const feeds: Record<string, Tensor> = {
      ids: new Tensor('int32', batch.ids, [rows, spec.inputs.fields]),
      dense: new Tensor('float32', batch.dense, [rows, spec.inputs.dense]),
    };
    if (image !== undefined) {
      const vectors = await run(encodeOnnx(imageTowerGraph(spec, weights)), {
        pixels: new Tensor('float32', pixels, [distinctImages, image.size, image.size, 3]),
      });
      const own = new Float32Array(rows * image.width);
      for (const [row, at] of (batch.images ?? []).entries())
        if (at >= 0) own.set(vectors.subarray(at * image.width, (at + 1) * image.width), row * image.width);
      feeds['image'] = new Tensor('float32', own, [rows, image.width]);
    }
    const scores = await run(encodeOnnx(scoringGraph(spec, weights, isotonic)), feeds);
    const score = scorer(isotonic);
    let largest = 0;
    for (let row = 0; row < rows; row += 1) {
      largest = Math.max(largest, Math.abs((scores[row] ?? NaN) - score(logits[row] ?? NaN)));
    }
    expect(largest).toBeLessThan(1e-5);
    // Scores that were all alike would agree too.
    const imagesOnly = spec.inputs.fields + spec.inputs.dense === 0;
    expect(new Set(scores).size).toBeGreaterThan(imagesOnly ? distinctImages / 2 : rows / 2);
  });
});

describe('the rows above', () => {
  it('hold layers of every kind', () => {
    const held = new Set(specs.flatMap(({ spec }) => spec.layers.map(({ op }): string => op)));
    expect(
      layerOps.filter((op) => !held.has(op)),
      'layers that no model of `specs` has',
    ).toEqual([]);
  });
});

describe('the ONNX graphs of a blend', () => {
  it('give the weighted sum of its models’ logits, each with an image tower of its own', async () => {
    const next = uniform(4);
    const seen = { ...inputs, imageSize: 8 };
    const parts = [
      { share: 0.7, options },
      { share: 0.2, options: { ...options, streams: [] } },
      { share: 0.4, options: { ...options, image: { filters: 4, cells: 3, units: 3 } } },
    ].map(({ share, options: own }, seed) => ({ share, own, trainer: trainerOf(composeModel(seen, own), seed) }));
    const pixels = Float32Array.from({ length: distinctImages * 8 ** 2 * 3 }, () => next() * 4 - 2);
    const batch = batchOf(base, next);
    const images = Int32Array.from({ length: rows }, (_, row) => row % distinctImages);
    const expected = new Float64Array(rows);
    const members: BlendPart[] = [];
    for (const { share, own, trainer } of parts) {
      await showImages(trainer, own, pixels);
      for (const [row, logit] of trainer.logits({ ...batch, images }).entries()) expected[row]! += share * logit;
      members.push({ spec: trainer.spec, weights: trainer.weights(), share });
      trainer.dispose();
    }
    const { spec, weights } = blendModels(members);
    const width = imageInput(spec)?.width ?? 0;
    expect(width).toBe(15);
    const vectors = await run(encodeOnnx(imageTowerGraph(spec, weights)), {
      pixels: new Tensor('float32', pixels, [distinctImages, 8, 8, 3]),
    });
    const own = new Float32Array(rows * width);
    for (const [row, at] of images.entries()) own.set(vectors.subarray(at * width, (at + 1) * width), row * width);
    const scores = await run(encodeOnnx(scoringGraph(spec, weights, calibration)), {
      ids: new Tensor('int32', batch.ids, [rows, inputs.fields]),
      dense: new Tensor('float32', batch.dense, [rows, inputs.dense]),
      image: new Tensor('float32', own, [rows, width]),
    });
    for (const [row, logit] of expected.entries()) expect(scores[row]).toBeCloseTo(scorer(calibration)(logit), 5);
  });
});

describe('a row’s score', () => {
  it.each([
    { of: 'a cross network', spec: base },
    { of: 'trees', spec: withTrees(inputs), fixed: drawnTrees(3 + 5) },
    { of: 'texts', spec: composeModel({ ...inputs, slots: [1, 3, 1] }, withPairs) },
    { of: 'trees that read texts', spec: withTrees({ ...inputs, slots: [1, 3, 1] }), fixed: drawnTrees(3 + 3) },
  ])('has the same bits in batches of 1 to 128 rows, of $of', async ({ spec, fixed }) => {
    const next = uniform(5);
    const weights = new Map([...initialWeights(spec, 9, 0.2), ...(fixed?.(next) ?? [])]);
    const model = encodeOnnx(scoringGraph(spec, weights, calibration));
    const { ids, dense } = batchOf(spec, next);
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const score = async (from: number, count: number): Promise<Float32Array> => {
      const answer = await session.run({
        ids: new Tensor('int32', ids.slice(from * inputs.fields, (from + count) * inputs.fields), [
          count,
          inputs.fields,
        ]),
        dense: new Tensor('float32', dense.slice(from * inputs.dense, (from + count) * inputs.dense), [
          count,
          inputs.dense,
        ]),
      });
      return answer['score']?.data as Float32Array;
    };
    const whole = await score(0, rows);
    for (let count = 1; count <= rows; count += 1) {
      const from = Math.floor(next() * (rows - count + 1));
      expect(await score(from, count)).toEqual(whole.slice(from, from + count));
    }
  });
});
