import { describe, expect, it } from 'vitest';
import type { StreamOptions } from '@adstocrat/models';
import { pointOfStreams, streamsAt } from './tuned-models.ts';

const pairs: StreamOptions = { stream: 'factorization-machine' };
const cross: StreamOptions = { stream: 'cross-network', crossLayers: 2, hidden: [64, 32], dropout: 0.3 };
const two: StreamOptions = { stream: 'two-stream', left: [8], right: [8], dropout: 0, batchNorm: true };

describe('a model of a study', () => {
  it.each([
    ['pairs', [pairs]],
    ['cross network', [cross]],
    ['pairs and cross network', [pairs, cross]],
    ['two streams', [two]],
  ])('is %s by its streams, and has them again', (model, streams) => {
    const point = pointOfStreams(streams, true);
    expect(point['model']).toBe(model);
    expect(streamsAt(point)).toEqual(streams);
  });

  it('has no pairs without ids', () => {
    expect(pointOfStreams([pairs, cross], false)['model']).toBe('cross network');
  });

  it.each([
    ['streams in another order than a model has', [cross, pairs], 'cross-network, factorization-machine'],
    ['a stream that no study has', [{ stream: 'boosted-trees', trees: 9, depth: 3 }], 'boosted-trees'],
    ['no stream', [], ''],
  ] as const)('is none for %s', (_why, streams, names) => {
    expect(() => pointOfStreams(streams, true)).toThrow(
      new RangeError(
        `no model of a study has the streams ${names}: apps/training/src/tune/tuned-models.ts has those there are`,
      ),
    );
  });
});
