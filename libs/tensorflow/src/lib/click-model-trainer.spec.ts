import { describe, expect, it } from 'vitest';
import { composeModel, type ModelSpec, parametersOf } from '@adstocrat/models';
import { ClickModelTrainer } from './click-model-trainer.ts';
import { imageVectors } from './image-vectors.ts';
import { initialWeights } from './initial-weights.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import type { TrainingBatch } from './training-batch.ts';

const tower = { filters: 2, cells: 1, units: 2 };
/** The smallest model with every kind of layer: two fields, one number, an image. */
const spec: ModelSpec = composeModel(
  { fields: 2, idRows: 7, dense: 1, imageSize: 4 },
  {
    wideL2: 0,
    embedding: { units: 2, l2: 0, dropout: 0 },
    streams: [
      { stream: 'cross-network', crossLayers: 1, hidden: [3], dropout: 0 },
      { stream: 'factorization-machine' },
      { stream: 'two-stream', left: [2], right: [3], dropout: 0 },
    ],
    image: tower,
  },
);

const pixels = Float32Array.from({ length: 2 * 4 * 4 * 3 }, (_, index) => Math.sin(index));
const batch: TrainingBatch = {
  rows: 3,
  ids: Int32Array.of(0, 3, 1, 4, 0, 5),
  dense: Float32Array.of(0.5, -1, 2),
  images: Int32Array.of(0, -1, 1),
};
const labels = Float32Array.of(1, 0, 1);
const rate = 0.01;

async function trainer(seed = 1, of: ModelSpec = spec): Promise<ClickModelTrainer> {
  const weights = initialWeights(of, seed, 0.3);
  const one = new ClickModelTrainer(of, weights, { seed });
  if (of.inputs.imageSize !== undefined)
    one.setImages(new Map([['image', await imageVectors(pixels, { size: 4, tower, weights })]]));
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
  const at = (table: string, field: number, width: number, k: number): number =>
    w(`${table}.table`)[batch.ids[row * 2 + field]! * width + k]!;
  const embedded = [0, 1].flatMap((field) => [0, 1].map((k) => at('embedding', field, 2, k)));
  const image = batch.images![row]!;
  let vector = [0, 0];
  if (image >= 0) {
    // SAME with stride 2 on size 4: windows at 0 and 2, one row and column of padding at the end.
    const means = [0, 0];
    for (const y of [0, 2]) {
      for (const x of [0, 2]) {
        for (const channel of [0, 1]) {
          let sum = w('image.filters.bias')[channel]!;
          for (let dy = 0; dy < 3; dy += 1) {
            for (let dx = 0; dx < 3; dx += 1) {
              if (y + dy > 3 || x + dx > 3) continue;
              for (let colour = 0; colour < 3; colour += 1)
                sum +=
                  pixels[image * 48 + ((y + dy) * 4 + x + dx) * 3 + colour]! *
                  w('image.filters.kernel')[((dy * 3 + dx) * 3 + colour) * 2 + channel]!;
            }
          }
          means[channel] = means[channel]! + Math.max(0, sum) / 4;
        }
      }
    }
    vector = dense(means, 'image.out');
  }
  const x0 = [...embedded, batch.dense[row]!, ...vector];
  const mixed = dense(x0, 'cross0');
  const crossed = x0.map((value, index) => value * mixed[index]! + value);
  const shown = dense(vector, 'pairs.image');
  const pairs = [0, 1].map((k) => embedded[k]! * embedded[2 + k]! + shown[k]! * (embedded[k]! + embedded[2 + k]!));
  const left = relu(dense(x0, 'left0'));
  const right = relu(dense(x0, 'right0'));
  const together = dense(left, 'together').reduce((sum, value, index) => sum + value * right[index]!, 0);
  return (
    at('wide', 0, 1, 0) +
    at('wide', 1, 1, 0) +
    dense([batch.dense[row]!, ...vector], 'linear.logit')[0]! +
    dense([...crossed, ...relu(dense(x0, 'deep0'))], 'cross.logit')[0]! +
    dense(pairs, 'pairs.logit')[0]! +
    together +
    dense([...left, ...right], 'streams.logit')[0]! +
    w('logit.bias')[0]!
  );
}

const meanLoss = (weights: ReadonlyMap<string, Float32Array>): number =>
  [0, 1, 2].reduce((sum, row) => {
    const p = 1 / (1 + Math.exp(-referenceLogit(weights, row)));
    return sum - Math.log(labels[row] === 1 ? p : 1 - p) / 3;
  }, 0);

describe('ClickModelTrainer', () => {
  it('computes the logits that the definition gives', async () => {
    const one = await trainer();
    const logits = one.logits(batch);
    const weights = one.weights();
    for (const row of [0, 1, 2]) expect(logits[row]).toBeCloseTo(referenceLogit(weights, row), 5);
    one.dispose();
  });

  it('moves every touched parameter against its gradient by one Adam step, and no other embedding row', async () => {
    const one = await trainer();
    const before = new Map([...one.weights()].map(([name, values]) => [name, Float32Array.from(values)]));
    expect(one.trainStep(batch, labels, { learningRate: rate })).toBeCloseTo(meanLoss(before), 5);
    const after = one.weights();
    one.dispose();
    let moved = 0;
    for (const { name, shape, table, fixed } of parametersOf(spec)) {
      const values = before.get(name)!;
      if (fixed === true) {
        expect(after.get(name)).toEqual(values);
        continue;
      }
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
        const touched = table === undefined || [...batch.ids].includes(Math.floor(index / shape[1]!));
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

  it('is the same run for the same seed and another for another', async () => {
    const run = async (seed: number): Promise<number[]> => {
      const one = await trainer(seed);
      const losses = Array.from({ length: 5 }, () => one.trainStep(batch, labels, { learningRate: rate }));
      one.dispose();
      return losses;
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  it('goes on from weights that were put back', async () => {
    const one = await trainer();
    const weights = one.weights();
    const logits = [...one.logits(batch)];
    for (let step = 0; step < 10; step += 1) one.trainStep(batch, labels, { learningRate: rate });
    expect([...one.logits(batch)]).not.toEqual(logits);
    one.setWeights(weights);
    expect([...one.logits(batch)]).toEqual(logits);
    one.dispose();
  });

  it('goes on in another trainer as it would have, to the last bit: moments, steps and dropout', () => {
    const dropping = composeModel(
      { fields: 2, idRows: 7, dense: 1 },
      {
        wideL2: 0.5,
        embedding: { units: 2, l2: 0.5, dropout: 0.3 },
        streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [3], dropout: 0.3 }],
      },
    );
    const { images: _images, ...rows } = batch;
    const idCounts = new Float32Array(7).fill(3);
    const made = (seed: number): ClickModelTrainer =>
      new ClickModelTrainer(dropping, initialWeights(dropping, seed, 0.3), { seed: 1, idCounts });
    const [one, other] = [made(1), made(2)];
    for (let step = 0; step < 4; step += 1) one.trainStep(rows, labels, { learningRate: rate });
    const state = one.state();
    const losses = [1, 2, 3].map(() => one.trainStep(rows, labels, { learningRate: rate }));
    other.restore(state);
    expect([1, 2, 3].map(() => other.trainStep(rows, labels, { learningRate: rate }))).toEqual(losses);
    expect([...other.weights()]).toEqual([...one.weights()]);
    one.dispose();
    other.dispose();
  });

  it('shares nothing with another trainer that was made in the same moment', async () => {
    const [one, other, alone] = [await trainer(1), await trainer(2), await trainer(2)];
    for (let step = 0; step < 3; step += 1) one.trainStep(batch, labels, { learningRate: rate });
    expect([...other.logits(batch)]).toEqual([...alone.logits(batch)]);
    one.dispose();
    expect([...other.logits(batch)]).toEqual([...alone.logits(batch)]);
    other.dispose();
    alone.dispose();
  });

  it('leaves no tensor behind, step after step and at the end', async () => {
    const tf = loadTensorflow();
    const atStart = tf.memory().numTensors;
    const one = await trainer();
    one.trainStep(batch, labels, { learningRate: rate });
    const afterOne = tf.memory().numTensors;
    for (let step = 0; step < 20; step += 1) one.trainStep(batch, labels, { learningRate: rate });
    one.logits(batch);
    expect(tf.memory().numTensors).toBe(afterOne);
    one.dispose();
    expect(tf.memory().numTensors).toBe(atStart);
  });

  it('leaves no tensor behind where a step fails', () => {
    const tf = loadTensorflow();
    const normal = composeModel(spec.inputs, {
      wideL2: 0,
      embedding: { units: 2, l2: 0, dropout: 0 },
      streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [3], dropout: 0.1, batchNorm: true }],
      image: tower,
    });
    // It was told of no images.
    const one = new ClickModelTrainer(normal, initialWeights(normal, 1, 0.3), { seed: 1 });
    const before = tf.memory().numTensors;
    for (let step = 0; step < 3; step += 1)
      expect(() => one.trainStep(batch, labels, { learningRate: rate })).toThrow('no images');
    expect(tf.memory().numTensors).toBe(before);
    one.dispose();
  });

  it('learns which id clicks, against noise, to near what can be known', () => {
    const only = composeModel(
      { fields: 1, idRows: 10, dense: 0 },
      {
        wideL2: 0,
        embedding: { units: 4, l2: 0, dropout: 0 },
        streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [8], dropout: 0 }],
      },
    );
    const one = new ClickModelTrainer(only, initialWeights(only, 5, 0.5), { seed: 5 });
    let state = 12345;
    const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    for (let step = 0; step < 100; step += 1) {
      const ids = Int32Array.from({ length: 256 }, () => Math.floor(random() * 10));
      const clicks = Float32Array.from(ids, (id) => (random() < (id < 5 ? 0.8 : 0.2) ? 1 : 0));
      one.trainStep({ rows: 256, ids, dense: new Float32Array() }, clicks, { learningRate: 0.04 });
    }
    const learnt = [
      ...one.logits({ rows: 10, ids: Int32Array.from({ length: 10 }, (_, id) => id), dense: new Float32Array() }),
    ];
    one.dispose();
    // The true log-odds are ±log 4 = ±1.386; 100 · 25.6 rows an id leave a deviation of 0.05, the optimizer's noise more.
    for (const [id, logit] of learnt.entries())
      expect(Math.abs(logit - (id < 5 ? 1 : -1) * Math.log(4)), `id ${id}`).toBeLessThan(0.4);
  });

  it('settles where the prior and the examples balance, however the examples are batched', () => {
    const l2 = 3;
    // Id 0: 20 rows with 15 positives. Id 1: 4 rows with 1. Id 2 is in every row.
    const rows = Array.from({ length: 24 }, (_, row) => ({
      ids: [row < 20 ? 0 : 1, 2],
      label: row < 15 || row === 20 ? 1 : 0,
    }));
    const only = composeModel(
      { fields: 2, idRows: 3, dense: 0 },
      { wideL2: l2, embedding: { units: 1, l2: 0, dropout: 0 }, streams: [] },
    );
    const idCounts = Float32Array.of(20, 4, 24);
    const one = new ClickModelTrainer(only, initialWeights(only, 1, 0.5), { seed: 1, idCounts });
    for (let step = 0; step < 240; step += 1) {
      // Every sixth row, so that each batch holds the ids in other shares.
      const some = rows.filter((_, row) => row % 6 === step % 6);
      const ids = Int32Array.from(some.flatMap((row) => row.ids));
      const batch = { rows: some.length, ids, dense: new Float32Array() };
      const labels = Float32Array.from(some, ({ label }) => label);
      one.trainStep(batch, labels, { learningRate: 0.05 * (1 - step / 240) });
    }
    const table = one.weights().get('wide.table')!;
    const bias = one.weights().get('logit.bias')![0]!;
    one.dispose();
    const gradient = [0, 1, 2].map(
      (id) =>
        l2 * table[id]! +
        rows.reduce((sum, { ids, label }) => {
          const p = 1 / (1 + Math.exp(-(table[ids[0]!]! + table[2]! + bias)));
          return ids.includes(id) ? sum + p - label : sum;
        }, 0),
    );
    // At the most likely weights the gradient of the whole is 0; the curvature there is l2 and more.
    for (const [id, slope] of gradient.entries()) expect(Math.abs(slope), `id ${id}`).toBeLessThan(0.15);
    expect(Math.abs(table[0]!)).toBeGreaterThan(0.2);
  });

  /** One number a row to two hidden ones by batch, all else by hand: what the definition gives. */
  describe('of layers by batch', () => {
    const byBatch = composeModel(
      { fields: 0, idRows: 0, dense: 1 },
      {
        wideL2: 0,
        embedding: { units: 1, l2: 0, dropout: 0 },
        streams: [{ stream: 'cross-network', crossLayers: 0, hidden: [2], dropout: 0, batchNorm: true }],
      },
    );
    const numbers = (...values: number[]): TrainingBatch => ({
      rows: values.length,
      ids: new Int32Array(),
      dense: Float32Array.from(values),
    });
    const [first, second] = [numbers(1, 2, 6), numbers(-4, 0, 1)];
    const still = { learningRate: 0 };

    /** Loss of a batch by its own mean and variance, in doubles. */
    function lossByBatch(weights: ReadonlyMap<string, Float32Array>, values: readonly number[]): number {
      const w = (name: string, at = 0): number => weights.get(name)![at]!;
      const hidden = [0, 1].map((unit) => {
        const sums = values.map((value) => value * w('deep0.kernel', unit) + w('deep0.bias', unit));
        const mean = sums.reduce((a, b) => a + b) / sums.length;
        const variance = sums.reduce((sum, one) => sum + (one - mean) ** 2, 0) / sums.length;
        return sums.map((one) =>
          Math.max(
            0,
            (w('deep0.normal.scale', unit) * (one - mean)) / Math.sqrt(variance + 1e-3) + w('deep0.normal.shift', unit),
          ),
        );
      });
      return values.reduce((sum, value, row) => {
        const logit =
          value * w('linear.logit.kernel') +
          w('linear.logit.bias') +
          value * w('cross.logit.kernel', 0) +
          hidden[0]![row]! * w('cross.logit.kernel', 1) +
          hidden[1]![row]! * w('cross.logit.kernel', 2) +
          w('cross.logit.bias') +
          w('logit.bias');
        const p = 1 / (1 + Math.exp(-logit));
        return sum - Math.log(labels[row] === 1 ? p : 1 - p) / values.length;
      }, 0);
    }

    it('trains by the moments of the batch, through which gradients go', async () => {
      const one = await trainer(1, byBatch);
      const before = one.weights();
      expect(one.trainStep(first, labels, { learningRate: rate })).toBeCloseTo(lossByBatch(before, [1, 2, 6]), 5);
      const after = one.weights();
      one.dispose();
      let moved = 0;
      for (const { name, isStatistic } of parametersOf(byBatch)) {
        if (isStatistic === true) continue;
        for (const [index, value] of before.get(name)!.entries()) {
          const [up, down] = [0.001, -0.001].map((step) => {
            const nudged = new Map(before);
            nudged.set(
              name,
              before.get(name)!.map((each, at) => (at === index ? value + step : each)),
            );
            return lossByBatch(nudged, [1, 2, 6]);
          });
          const gradient = (up! - down!) / 0.002;
          if (Math.abs(gradient) < 1e-3) continue;
          expect((after.get(name)![index]! - value) / rate, `${name}[${index}]`).toBeCloseTo(-Math.sign(gradient), 1);
          moved += 1;
        }
      }
      expect(moved).toBeGreaterThan(6);
    });

    it('serves by the mean of what batches showed', async () => {
      const one = await trainer(1, byBatch);
      one.trainStep(first, labels, still);
      one.trainStep(second, labels, still);
      const weights = one.weights();
      const [kernel] = weights.get('deep0.kernel')!;
      // Means of the batches 3 and −1, variances 14/3 and 14/3, the kernel's square times.
      expect(weights.get('deep0.normal.mean')![0]).toBeCloseTo(kernel! * 1, 5);
      expect(weights.get('deep0.normal.variance')![0]).toBeCloseTo((kernel! ** 2 * 14) / 3, 5);
      // A row's logit is its own, whatever rows are beside it.
      expect(one.logits(numbers(5, 2, 9))[1]).toBe(one.logits(numbers(2))[0]);
      one.dispose();
    });

    it('goes on in another trainer as it would have, and leaves no tensor behind', async () => {
      const tf = loadTensorflow();
      const atStart = tf.memory().numTensors;
      const [one, other] = [await trainer(1, byBatch), await trainer(2, byBatch)];
      one.trainStep(first, labels, { learningRate: rate });
      other.restore(one.state());
      const tensors = tf.memory().numTensors;
      for (const step of [second, first, second])
        expect(other.trainStep(step, labels, { learningRate: rate })).toBe(
          one.trainStep(step, labels, { learningRate: rate }),
        );
      expect(tf.memory().numTensors).toBe(tensors);
      expect([...other.weights()]).toEqual([...one.weights()]);
      one.dispose();
      other.dispose();
      expect(tf.memory().numTensors).toBe(atStart);
    });
  });

  it('drops in training only, as the seed says', () => {
    const dropping = composeModel(spec.inputs, {
      wideL2: 0,
      embedding: { units: 8, l2: 0, dropout: 0.5 },
      streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [16], dropout: 0.5 }],
    });
    const losses = (seed: number): number[] => {
      const one = new ClickModelTrainer(dropping, initialWeights(dropping, 1, 0.3), { seed });
      const values = Array.from({ length: 3 }, () => one.trainStep(batch, labels, { learningRate: 0.05 }));
      expect(one.logits(batch)).toEqual(one.logits(batch));
      one.dispose();
      return values;
    };
    expect(losses(1)).toEqual(losses(1));
    expect(losses(1)).not.toEqual(losses(2));
  });
});

describe('a step of weighted rows', () => {
  const linear = composeModel(
    { fields: 0, idRows: 0, dense: 1 },
    { wideL2: 0, embedding: { units: 1, l2: 0, dropout: 0 }, streams: [] },
  );
  const rows: TrainingBatch = { rows: 4, ids: new Int32Array(), dense: new Float32Array(4) };
  const clicks = Float32Array.of(1, 0, 0, 0);

  /** The logit of a model whose only number is 0 in every row, trained until it stays. */
  async function logitAfter(options: { readonly weights?: Float32Array; readonly shift?: number }): Promise<number> {
    const one = await trainer(1, linear);
    for (let step = 0; step < 400; step += 1)
      one.trainStep(rows, clicks, { learningRate: 0.05 * (1 - step / 400), ...options });
    const [logit] = one.logits(rows);
    one.dispose();
    return logit!;
  }

  it('finds the odds of what counts', async () => {
    expect(await logitAfter({})).toBeCloseTo(Math.log(1 / 3), 2);
    expect(await logitAfter({ weights: Float32Array.of(1, 2, 0, 1) })).toBeCloseTo(Math.log(1 / 3), 2);
    expect(await logitAfter({ weights: Float32Array.of(2, 1, 0.5, 0.5) })).toBeCloseTo(Math.log(2 / 2), 2);
  });

  it('finds the odds of all rows where a share of the negatives is left out', async () => {
    // One positive to three negatives that are a tenth of all: odds of 1 to 30.
    expect(await logitAfter({ shift: -Math.log(0.1) })).toBeCloseTo(Math.log(1 / 30), 2);
  });
});
