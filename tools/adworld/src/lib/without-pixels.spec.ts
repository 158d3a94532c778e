import { describe, expect, it } from 'vitest';
import { NoisySigmoid, sigmoid } from './noisy-sigmoid.ts';
import { Random } from './random.ts';
import { viewingOf, visualAppeal } from './visual-appeal.ts';
import { drawVisualFields } from './visual-fields.ts';
import { WithoutPixels } from './without-pixels.ts';

describe('NoisySigmoid', () => {
  it('is a half at 0, and adds to 1 with its mirror image', () => {
    const response = new NoisySigmoid(0.5);
    expect(response.at(0)).toBeCloseTo(0.5, 10);
    expect(response.at(1.25) + response.at(-1.25)).toBeCloseTo(1, 6);
  });

  it('agrees with the mean over drawn noise', () => {
    const random = new Random(4, 'noise');
    const response = new NoisySigmoid(0.5);
    for (const logit of [-4.013, -2.3, 0.7]) {
      const draws = Array.from({ length: 100_000 }, () => sigmoid(logit + 0.5 * random.normal()));
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
      // sigmoid's slope is at most p: its deviation is below 0.6 of its mean, so 5 standard errors are 1 %.
      expect(Math.abs(response.at(logit) / mean - 1)).toBeLessThan(0.01);
    }
  });
});

describe('WithoutPixels', () => {
  it('agrees with the mean over pictures and moods drawn as the world draws them', () => {
    const random = new Random(5, 'pictures');
    const withoutPixels = new WithoutPixels(new NoisySigmoid(0.35));
    for (const [logit, key] of [
      [-4, 0],
      [-3.37, 200],
      [-2.2, 755],
    ] as const) {
      let sum = 0;
      let squares = 0;
      for (let draw = 0; draw < 60_000; draw++) {
        const chance = sigmoid(logit + visualAppeal(drawVisualFields(random), viewingOf(key)) + 0.35 * random.normal());
        sum += chance;
        squares += chance * chance;
      }
      const mean = sum / 60_000;
      const standardError = Math.sqrt((squares / 60_000 - mean * mean) / 60_000);
      expect(Math.abs(withoutPixels.probability(logit, key) - mean)).toBeLessThan(5 * standardError);
    }
  });
});
