import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { imageTowerGraph, type ModelSpec, scoringGraph } from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';
import { ClickModelTrainer, initialWeights, type TrainingBatch } from '@adstocrat/tensorflow';
import { uniform } from '../e2e/click-log.ts';

const rows = 128;
const base: ModelSpec = {
  version: 1,
  kind: 'cross-network',
  embeddingRows: 300,
  fields: 5,
  embeddingWidth: 4,
  denseWidth: 3,
  crossLayers: 2,
  hidden: [16, 8],
};
const specs: readonly { readonly why: string; readonly spec: ModelSpec }[] = [
  { why: 'fields and numbers', spec: base },
  { why: 'numbers only', spec: { ...base, fields: 0, embeddingRows: 1 } },
  { why: 'fields only', spec: { ...base, denseWidth: 0 } },
  { why: 'no hidden layers', spec: { ...base, hidden: [] } },
  { why: 'no cross layers', spec: { ...base, crossLayers: 0 } },
  { why: 'images of an even size', spec: { ...base, image: { size: 16, channels: [4, 8], width: 6 } } },
  // Odd sizes are padded on both sides where even ones are padded at their end.
  { why: 'images of an odd size', spec: { ...base, image: { size: 15, channels: [4, 8, 8], width: 6 } } },
];
const calibration = { slope: 0.8, intercept: -0.3 };
const distinctImages = 9;

function batchOf(spec: ModelSpec, next: () => number): TrainingBatch {
  return {
    rows,
    ids: Int32Array.from({ length: rows * spec.fields }, () => Math.floor(next() * spec.embeddingRows)),
    dense: Float32Array.from({ length: rows * spec.denseWidth }, () => next() * 4 - 2),
    // The last one is −1: a row without an image.
    ...(spec.image === undefined
      ? {}
      : { images: Int32Array.from({ length: rows }, (_, row) => (row % (distinctImages + 1)) - 1) }),
  };
}

async function run(model: Uint8Array, feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const known = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name] as Tensor]));
  const [output] = Object.values(await session.run(known));
  return output?.data as Float32Array;
}

describe.each(specs)('the ONNX graphs of a model with $why', ({ spec }) => {
  it('give the trainer’s scores within 1e-5', async () => {
    const next = uniform(11);
    const trainer = new ClickModelTrainer(spec, initialWeights(spec, 3, 0.1), { learningRate: 0.01 });
    const { image } = spec;
    const pixels = Float32Array.from({ length: distinctImages * (image?.size ?? 0) ** 2 * 3 }, () => next() * 4 - 2);
    if (image !== undefined) trainer.setImages(pixels, distinctImages);
    const batch = batchOf(spec, next);
    const labels = Float32Array.from({ length: rows }, () => (next() < 0.3 ? 1 : 0));
    // A few steps away from the first weights, where all biases are zero.
    for (let step = 0; step < 5; step += 1) trainer.trainStep(batch, labels);
    const logits = trainer.logits(batch);
    const weights = trainer.weights();
    trainer.dispose();

    const feeds: Record<string, Tensor> = {
      ids: new Tensor('int32', batch.ids, [rows, spec.fields]),
      dense: new Tensor('float32', batch.dense, [rows, spec.denseWidth]),
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
    const scores = await run(encodeOnnx(scoringGraph(spec, weights, calibration)), feeds);
    let largest = 0;
    for (let row = 0; row < rows; row += 1) {
      const expected = 1 / (1 + Math.exp(-(calibration.slope * (logits[row] ?? NaN) + calibration.intercept)));
      largest = Math.max(largest, Math.abs((scores[row] ?? NaN) - expected));
    }
    expect(largest).toBeLessThan(1e-5);
    // Scores that were all alike would agree too.
    expect(new Set(scores).size).toBeGreaterThan(rows / 2);
  });
});

describe('a row’s score', () => {
  it('has the same bits in batches of 1 to 128 rows', async () => {
    const next = uniform(5);
    const model = encodeOnnx(scoringGraph(base, initialWeights(base, 9, 0.2), calibration));
    const { ids, dense } = batchOf(base, next);
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const score = async (from: number, count: number): Promise<Float32Array> => {
      const answer = await session.run({
        ids: new Tensor('int32', ids.slice(from * base.fields, (from + count) * base.fields), [count, base.fields]),
        dense: new Tensor('float32', dense.slice(from * base.denseWidth, (from + count) * base.denseWidth), [
          count,
          base.denseWidth,
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
