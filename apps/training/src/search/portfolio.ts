import type { StreamOptions } from '@adstocrat/models';
import type { Setting } from './setting.ts';

const pairs: StreamOptions = { stream: 'factorization-machine' };
const cross: StreamOptions = { stream: 'cross-network', crossLayers: 2, hidden: [64, 32], dropout: 0.3 };

/**
 * The models with interactions that a run tries, beside the linear one. They differ in what they can say and in how strongly it
 * is held back; which serves best depends on the data. Pairs alone look at no image, whose tower would cost more than all else. Many fields share narrower embeddings, so that the layers above stay small.
 * Without fields there are no pairs.
 */
export function portfolio(fields: number): readonly Setting[] {
  if (fields === 0) return settings(fields).filter(({ streams }) => streams.includes(cross));
  return settings(fields);
}

function settings(fields: number): readonly Setting[] {
  const units = fields > 40 ? 6 : 16;
  const image = { channels: [8, 16, 32], units: 16 };
  const embedding = (l2: number): Setting['embedding'] => ({ units, l2, dropout: 0 });
  return [
    { name: 'pairs', embedding: embedding(5), streams: [pairs], learningRate: 1.5e-2 },
    { name: 'pairs, held back', embedding: embedding(20), streams: [pairs], learningRate: 1.5e-2 },
    { name: 'pairs and cross network', embedding: embedding(20), streams: [pairs, cross], learningRate: 1e-2, image },
    { name: 'the same, slower', embedding: embedding(5), streams: [pairs, cross], learningRate: 3e-3, image },
  ];
}
