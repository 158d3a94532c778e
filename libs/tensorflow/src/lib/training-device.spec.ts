import { describe, expect, it } from 'vitest';
import { deviceSentence, trainingDevice } from './training-device.ts';

describe('trainingDevice', () => {
  it('says what TensorFlow computes on here', () => {
    expect(trainingDevice()).toMatch(/^training runs on the (GPU$|CPU, \d+ cores?: this machine has )/);
  });

  it.each([
    [{ usesGpu: true, hasDriver: true }, 'training runs on the GPU'],
    [{ usesGpu: false, hasDriver: false }, 'training runs on the CPU, 4 cores: this machine has no NVIDIA GPU'],
    [{ usesGpu: false, hasDriver: true }, /an NVIDIA GPU, and the TensorFlow in use is built for CPUs/],
  ])('says so plainly: %j', (of, sentence) => {
    expect(deviceSentence({ ...of, cores: 4 })).toMatch(sentence);
  });
});
