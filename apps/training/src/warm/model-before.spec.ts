import { describe, expect, it } from 'vitest';
import { blendModels, composeModel, type ModelSpec, parametersOf, type Weights } from '@adstocrat/models';
import { initialWeights } from '@adstocrat/tensorflow';
import { type FittedFeature, graphOf } from '@adstocrat/transforms';
import { exclusive, worldOf } from '../testing/small-world.ts';
import { fittedPairs } from '../pairs/fitted-pairs.ts';
import { linearCandidate } from '../search/linear-candidate.ts';
import { searchModel, type SearchResult } from '../search/search-model.ts';
import type { TrialData } from '../search/trial-data.ts';
import { knownIds } from './known-ids.ts';
import { Beginnings } from './model-before.ts';

const vocabulary = (column: string, terms: readonly string[], oovBuckets: number): FittedFeature => ({
  op: 'vocabulary',
  columns: [column],
  slots: 1,
  size: 1 + terms.length + oovBuckets,
  unknown: { first: 1 + terms.length, count: oovBuckets },
  dims: 0,
  state: { terms, oovBuckets, parameters: {} },
});
const hour: FittedFeature = { op: 'hour', columns: ['t'], slots: 1, size: 25, dims: 0, state: {} };
const buckets = (size: number): FittedFeature => ({ ...hour, op: 'quantileBuckets', columns: ['x'], size });

const before = graphOf([vocabulary('site', ['a', 'b', 'c'], 2), hour, buckets(4)]);
const now = graphOf([buckets(5), vocabulary('site', ['d', 'c', 'a'], 3), vocabulary('device', ['a'], 1), hour]);

describe('knownIds', () => {
  it('finds what an id stood for before, wherever it stands now', () => {
    const known = [...knownIds(before, now)];
    // Before: site at 0 (missing, a, b, c, two buckets), hour at 6, x at 31. Now: x at 0, site at 5, device at 12, hour at 15.
    expect(known.slice(0, 5)).toEqual([31, -1, -1, -1, -1]);
    expect(known.slice(5, 12)).toEqual([0, -1, 3, 1, 4, 5, 4]);
    expect(known.slice(12, 15)).toEqual([-1, -1, -1]);
    expect(known.slice(15)).toEqual(Array.from({ length: 25 }, (_, id) => 6 + id));
  });
});

const modelOf = (idRows: number, units = 2, fields = 3): ModelSpec =>
  composeModel(
    { fields, idRows, dense: 0 },
    { wideL2: 1, embedding: { units, l2: 0, dropout: 0 }, streams: [{ stream: 'factorization-machine' }] },
  );
/** Numbers that tell where they stood. */
const counted = (spec: ModelSpec): Weights =>
  new Map(
    parametersOf(spec).map(({ name, shape }) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => 1 + at),
    ]),
  );

describe('Beginnings', () => {
  const spec = modelOf(40, 2, 4);
  const own = initialWeights(spec, 1, 0.1);
  const old = modelOf(35);

  it.each(['alone', 'as a part of a blend'])('keeps the rows of ids that were known, of a model %s', (how) => {
    const linear = composeModel(old.inputs, { wideL2: 1, embedding: { units: 1, l2: 0, dropout: 0 }, streams: [] });
    const served =
      how === 'alone'
        ? { spec: old, weights: counted(old) }
        : blendModels([
            { spec: linear, weights: counted(linear), share: 0.5 },
            { spec: old, weights: counted(old), share: 0.5 },
          ]);
    const taken = new Beginnings({ version: 7, graph: before, ...served }, now).for(spec, own);
    if (!('weights' in taken)) throw new Error(taken.reason);
    expect(taken.sentence).toBe('begins from version 7, 32 of its 40 ids known');
    const table = taken.weights.get('embedding.table')!;
    // "c" is row 7 now and was row 3; "d", row 6, is new.
    expect([...table.subarray(14, 16)]).toEqual([7, 8]);
    expect([...table.subarray(12, 14)]).toEqual([...own.get('embedding.table')!.subarray(12, 14)]);
    expect([...taken.weights.get('logit.bias')!]).toEqual([1]);
  });

  it.each([
    [
      'other layers',
      modelOf(35),
      graphOf([...now.features]),
      composeModel(spec.inputs, {
        wideL2: 1,
        embedding: { units: 2, l2: 0, dropout: 0 },
        streams: [{ stream: 'cross-network', crossLayers: 1, hidden: [2], dropout: 0 }],
      }),
      'begins anew: the model in service has other layers (version 7 is in service)',
    ],
    [
      'another width',
      modelOf(35, 3),
      now,
      spec,
      'begins anew: "embedding.table" has another shape (version 7 is in service)',
    ],
    [
      'other numbers',
      old,
      graphOf([...now.features, { op: 'zScore', columns: ['x'], slots: 0, size: 0, dims: 1, state: {} }]),
      spec,
      'begins anew: its numbers are others (version 7 is in service)',
    ],
  ])('begins anew with %s, and says why', (_, served, graph, wanted, reason) => {
    const beginnings = new Beginnings({ version: 7, graph: before, spec: served, weights: counted(served) }, graph);
    expect(beginnings.for(wanted, initialWeights(wanted, 1, 0.1))).toEqual({ reason });
  });
});

describe('pairs that were fitted as a whole', () => {
  it('are no beginning: what is fitted again has seen the rows that judge', async () => {
    const data = worldOf(exclusive);
    const { signal } = new AbortController();
    const linear = await linearCandidate(data, signal);
    const fitted = linear && (await fittedPairs(data, { linear, seed: 1, budget: 6, signal }));
    if (fitted?.best === undefined) throw new Error('pairs have found nothing');
    const { spec, best } = fitted;
    const { units } = spec.layers.find((layer) => layer.op === 'embedding')!;
    // A trial of pairs of as many numbers has the same parameters in the same shapes.
    const trial = composeModel(spec.inputs, {
      wideL2: 1,
      embedding: { units, l2: 5, dropout: 0 },
      streams: [{ stream: 'factorization-machine' }],
    });
    const own = initialWeights(trial, 1, 0.1);
    const begun = (weights: Weights) =>
      new Beginnings({ version: 7, graph: data.graph, spec: trial, weights }, data.graph).for(trial, own);
    expect(begun(best.weights)).toEqual({
      reason: 'begins anew: its pairs were fitted as a whole (version 7 is in service)',
    });
    expect(begun(own)).toMatchObject({ sentence: 'begins from version 7, 16 of its 16 ids known' });
  });
});

describe('a search that begins from the version in service', () => {
  const search = (data: TrialData, budget: number): Promise<SearchResult> =>
    searchModel(data, { budget, seed: 1, batchSize: 128 }, new AbortController().signal, () => undefined);

  it('knows at its first look what that had learned', async () => {
    const data = worldOf(exclusive);
    const { spec, weights } = await search(data, 6);
    const beginnings = new Beginnings({ version: 1, graph: data.graph, spec, weights }, data.graph);
    const again = await search({ ...data, beginnings }, 0.5);
    const cold = await search(data, 0.5);
    const firstLook = ({ trials }: SearchResult): readonly number[] =>
      trials.flatMap(({ curve }) => curve[0]?.auc ?? []).toSorted((a, b) => b - a);
    // Pairs alone tell anything here: without them an AUC is near one half.
    expect(firstLook(cold)[0]).toBeLessThan(0.6);
    expect(firstLook(again)[0]).toBeGreaterThan(0.75);
    expect(again.trials.map(({ beginning }) => beginning)).toContain('begins from version 1, 16 of its 16 ids known');
  });
});
