import { featuresOf, type ModelInputs, type StreamOptions } from '@adstocrat/models';
import type { Setting } from './setting.ts';

const pairs: StreamOptions = { stream: 'factorization-machine' };
const usualCrossLayers = 2;

/** Numbers in an embedding table, width of what a cross network reads, and numbers of its cross layers, at most. */
const [maxTable, maxWidth, maxCrossed] = [8_000_000, 320, 8_000_000] as const;
/** Numbers an id has, at least and at most. */
const [fewestUnits, mostUnits] = [4, 16] as const;

/** What the width of an id, and of all that a network reads, depends on. */
export type IdInputs = Pick<ModelInputs, 'fields' | 'idRows' | 'slots'> & Partial<Pick<ModelInputs, 'dense'>>;

/**
 * The models with interactions that a run tries, beside the linear one. They differ in what they can say and in how strongly it
 * is held back; which serves best depends on the data. Without fields there are no pairs. Many ids have fewer numbers each, so that the tables
 * of all trials fit in memory; many fields too, where a cross network reads them, so that its layers stay small. A cross layer has the square of what it reads: over very many
 * columns hidden layers are left of the network.
 */
export function portfolio(inputs: IdInputs): readonly Setting[] {
  const [own, crossed] = [mostUnitsFor(inputs, 'pairs'), mostUnitsFor(inputs, 'network')];
  const embedding = (units: number, l2: number): Setting['embedding'] => ({ units, l2, dropout: 0 });
  const pairsAlone: readonly Setting[] = [
    { name: 'pairs', embedding: embedding(own, 5), streams: [pairs], learningRate: 1.5e-2 },
    { name: 'pairs, held back', embedding: embedding(own, 20), streams: [pairs], learningRate: 1.5e-2 },
  ];
  const crossLayers = crossLayersFor(inputs, usualCrossLayers);
  const cross: StreamOptions = { stream: 'cross-network', crossLayers, hidden: [64, 32], dropout: 0.3 };
  const both = { streams: [pairs, cross] };
  const network = `pairs and ${crossLayers === 0 ? 'hidden layers' : 'cross network'}`;
  return [
    ...(inputs.fields === 0 ? [] : pairsAlone),
    { name: network, embedding: embedding(crossed, 5), learningRate: 3e-3, ...both },
    { name: `${network}, held back`, embedding: embedding(crossed, 50), learningRate: 3e-3, ...both },
  ];
}

/** Numbers that an id may have at most, where pairs alone read them and where a network does. */
export function mostUnitsFor(inputs: IdInputs, reader: 'pairs' | 'network'): number {
  const width = reader === 'pairs' ? Infinity : maxWidth;
  return Math.floor(
    Math.min(
      mostUnits,
      Math.max(fewestUnits, Math.min(maxTable / Math.max(1, inputs.idRows), width / Math.max(1, featuresOf(inputs)))),
    ),
  );
}

/** So many cross layers, or as many as have room for their numbers. */
export function crossLayersFor(inputs: IdInputs, wanted: number): number {
  const width = featuresOf(inputs) * mostUnitsFor(inputs, 'network') + (inputs.dense ?? 0);
  return Math.min(wanted, Math.floor(maxCrossed / Math.max(1, width * width)));
}
