import { describe, expect, it } from 'vitest';
import { type ModelSpec, parametersOf } from '@adstocrat/models';
import { ClickModelTrainer, type TrainingBatch } from './click-model-trainer.ts';
import { initialWeights } from './initial-weights.ts';
import { loadTensorflow } from './load-tensorflow.ts';

/** The smallest model with every part: two fields, one number, an image. */
const spec: ModelSpec = {
  version: 1,
  kind: 'cross-network',
  embeddingRows: 7,
  fields: 2,
  embeddingWidth: 2,
  denseWidth: 1,
  crossLayers: 1,
  hidden: [3],
  image: { size: 4, channels: [2], width: 2 },
};

const pixels = Float32Array.from({ length: 2 * 4 * 4 * 3 }, (_, index) => Math.sin(index));
const batch: TrainingBatch = {
  rows: 3,
  ids: Int32Array.of(0, 3, 1, 4, 0, 5),
  dense: Float32Array.of(0.5, -1, 2),
  images: Int32Array.of(0, -1, 1),
};
const labels = Float32Array.of(1, 0, 1);

function trainer(seed = 1, learningRate = 0.01): ClickModelTrainer {
  const one = new ClickModelTrainer(spec, initialWeights(spec, seed, 0.3), { learningRate });
  one.setImages(pixels, 2);
  return one;
}

/** The model again in plain TypeScript and doubles, from its definition. */
function referenceLogit(weights: ReadonlyMap<string, Float32Array>, row: number): number {
  const w = (name: string): Float32Array => weights.get(name) ?? new Float32Array();
  const dense = (x: readonly number[], name: string): number[] =>
    Array.from(w(`${name}.bias`), (bias, column) =>
      x.reduce(
        (sum, value, index) => sum + value * w(`${name}.kernel`)[index * w(`${name}.bias`).length + column]!,
        bias,
      ),
    );
  const relu = (x: readonly number[]): number[] => x.map((value) => Math.max(0, value));
  const embedded = [0, 1].flatMap((field) => [0, 1].map((k) => w('embedding')[batch.ids[row * 2 + field]! * 2 + k]!));
  const image = batch.images![row]!;
  let vector = [0, 0];
  if (image >= 0) {
    // SAME with stride 2 on size 4: windows at 0 and 2, one row and column of padding at the end.
    const means = [0, 0];
    for (const y of [0, 2]) {
      for (const x of [0, 2]) {
        for (const channel of [0, 1]) {
          let sum = w('conv0.bias')[channel]!;
          for (let dy = 0; dy < 3; dy += 1) {
            for (let dx = 0; dx < 3; dx += 1) {
              if (y + dy > 3 || x + dx > 3) continue;
              for (let colour = 0; colour < 3; colour += 1)
                sum +=
                  pixels[image * 48 + ((y + dy) * 4 + x + dx) * 3 + colour]! *
                  w('conv0.kernel')[((dy * 3 + dx) * 3 + colour) * 2 + channel]!;
            }
          }
          means[channel] = means[channel]! + Math.max(0, sum) / 4;
        }
      }
    }
    vector = relu(dense(means, 'tower'));
  }
  const x0 = [...embedded, batch.dense[row]!, ...vector];
  const mixed = dense(x0, 'cross0');
  const cross = x0.map((value, index) => value * mixed[index]! + value);
  return dense([...cross, ...relu(dense(x0, 'deep0'))], 'out')[0]!;
}

const meanLoss = (weights: ReadonlyMap<string, Float32Array>): number =>
  [0, 1, 2].reduce((sum, row) => {
    const p = 1 / (1 + Math.exp(-referenceLogit(weights, row)));
    return sum - Math.log(labels[row] === 1 ? p : 1 - p) / 3;
  }, 0);

describe('ClickModelTrainer', () => {
  it('computes the logits that the definition gives', () => {
    const one = trainer();
    const logits = one.logits(batch);
    const weights = one.weights();
    for (const row of [0, 1, 2]) expect(logits[row]).toBeCloseTo(referenceLogit(weights, row), 5);
    one.dispose();
  });

  it('moves every touched parameter against its gradient by one Adam step, and no other embedding row', () => {
    const rate = 0.01;
    const one = trainer(1, rate);
    const before = new Map([...one.weights()].map(([name, values]) => [name, Float32Array.from(values)]));
    expect(one.trainStep(batch, labels)).toBeCloseTo(meanLoss(before), 5);
    const after = one.weights();
    one.dispose();
    let moved = 0;
    for (const { name } of parametersOf(spec)) {
      const values = before.get(name)!;
      for (let index = 0; index < values.length; index += 1) {
        // The central difference of the loss, in doubles over float32 weights.
        const [up, down] = [0.001, -0.001].map((step) => {
          const nudged = new Map(before);
          nudged.set(
            name,
            values.map((value, at) => (at === index ? value + step : value)),
          );
          return meanLoss(nudged);
        });
        const gradient = (up! - down!) / 0.002;
        // Where the slopes on both sides differ, a ReLU bends within the step: there is no one gradient to compare with.
        const bent = Math.abs(up! + down! - 2 * meanLoss(before)) / 0.001 > 0.05 * Math.abs(gradient);
        const change = after.get(name)![index]! - values[index]!;
        const touched = name !== 'embedding' || [...batch.ids].includes(Math.floor(index / 2));
        if (!touched) expect(change, `${name}[${index}]`).toBe(0);
        else if (Math.abs(gradient) > 1e-4 && !bent) {
          // Adam's first step is the learning rate against the gradient's sign: m̂ ÷ (√v̂ + ε) = ±1.
          expect(change / rate, `${name}[${index}]`).toBeCloseTo(-Math.sign(gradient), 1);
          moved += 1;
        }
      }
    }
    expect(moved).toBeGreaterThan(40);
  });

  it('is the same run for the same seed and another for another', () => {
    const run = (seed: number): number[] => {
      const one = trainer(seed);
      const losses = Array.from({ length: 5 }, () => one.trainStep(batch, labels));
      one.dispose();
      return losses;
    };
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  it('goes on from weights that were put back', () => {
    const one = trainer();
    const weights = one.weights();
    const logits = [...one.logits(batch)];
    for (let step = 0; step < 10; step += 1) one.trainStep(batch, labels);
    expect([...one.logits(batch)]).not.toEqual(logits);
    one.setWeights(weights);
    expect([...one.logits(batch)]).toEqual(logits);
    one.dispose();
  });

  it('leaves no tensor behind, step after step and at the end', () => {
    const tf = loadTensorflow();
    const atStart = tf.memory().numTensors;
    const one = trainer();
    one.trainStep(batch, labels);
    const afterOne = tf.memory().numTensors;
    for (let step = 0; step < 20; step += 1) one.trainStep(batch, labels);
    one.logits(batch);
    expect(tf.memory().numTensors).toBe(afterOne);
    one.dispose();
    expect(tf.memory().numTensors).toBe(atStart);
  });

  it('learns which id clicks, against noise, to near what can be known', () => {
    const only: ModelSpec = {
      version: 1,
      kind: 'cross-network',
      embeddingRows: 10,
      fields: 1,
      embeddingWidth: 4,
      denseWidth: 0,
      crossLayers: 1,
      hidden: [8],
    };
    const one = new ClickModelTrainer(only, initialWeights(only, 5, 0.5), { learningRate: 0.02 });
    let state = 12345;
    const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    for (let step = 0; step < 200; step += 1) {
      const ids = Int32Array.from({ length: 256 }, () => Math.floor(random() * 10));
      const clicks = Float32Array.from(ids, (id) => (random() < (id < 5 ? 0.8 : 0.2) ? 1 : 0));
      one.trainStep({ rows: 256, ids, dense: new Float32Array() }, clicks);
    }
    const learnt = [
      ...one.logits({ rows: 10, ids: Int32Array.from({ length: 10 }, (_, id) => id), dense: new Float32Array() }),
    ];
    one.dispose();
    // The true log-odds are ±log 4 = ±1.386; 200 · 25.6 rows an id leave a deviation of 0.035, the optimizer's noise more.
    for (const [id, logit] of learnt.entries())
      expect(Math.abs(logit - (id < 5 ? 1 : -1) * Math.log(4)), `id ${id}`).toBeLessThan(0.4);
  });
});
