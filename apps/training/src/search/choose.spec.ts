import { describe, expect, it } from 'vitest';
import { composeModel, parametersOf, splitMix32, type StreamOptions } from '@adstocrat/models';
import type { Candidate } from './candidate.ts';
import { turnsOf } from '../testing/turns-of.ts';
import { choose } from './choose.ts';
import { lookAt } from './look.ts';

const rows = 4000;
const bits = splitMix32(11);
const next = (): number => bits() / 2 ** 32;
/** Two signals of equal worth, and labels by their sum. */
const [one, other] = [0, 1].map(() => Float32Array.from({ length: rows }, () => next() * 4 - 2)) as [
  Float32Array,
  Float32Array,
];
const labels = Float32Array.from(one, (signal, row) => (next() < 1 / (1 + Math.exp(-signal - other[row]!)) ? 1 : 0));
const pairs: StreamOptions = { stream: 'factorization-machine' };

function candidate(name: string, logits: Float32Array, streams: readonly StreamOptions[] = []): Candidate {
  const spec = composeModel(
    { fields: 2, idRows: 4, dense: 0 },
    { wideL2: 1, embedding: { units: 4, l2: 1, dropout: 0 }, streams },
  );
  const weights = new Map(parametersOf(spec).map(({ name: parameter }) => [parameter, new Float32Array()]));
  return { name, spec, best: { ...lookAt(logits, labels), weights }, epochs: 1, bestEpoch: 1, curve: [] };
}

const names = (members: readonly Candidate[]): readonly string[] => members.map(({ name }) => name);

describe('choose', () => {
  it('takes the cheaper of two that are as good', async () => {
    const found = await choose([candidate('dear', one, [pairs]), candidate('cheap', one)], labels);
    expect(names(found.members)).toEqual(['cheap']);
  });

  it('takes the dearer one where it is better', async () => {
    const both = one.map((logit, row) => logit + other[row]!);
    const found = await choose([candidate('cheap', one), candidate('dear', both, [pairs])], labels);
    expect(names(found.members)).toEqual(['dear']);
    expect(found.look.auc).toBeGreaterThan(0.8);
  });

  it('takes the mean of two that know different things, calibrated as a whole', async () => {
    const found = await choose([candidate('a', one), candidate('b', other, [pairs])], labels);
    expect(names(found.members).toSorted()).toEqual(['a', 'b']);
    // The mean halves the sum that the labels were drawn by, and each part's own slope is below 1: the whole needs more than 2.
    expect(found.look.calibration.slope).toBeGreaterThan(2);
    const parts = found.spec.layers.at(-1);
    expect(parts).toMatchObject({ op: 'weighted-sum', of: [{ layer: 'model0.logit' }, { layer: 'model1.logit' }] });
    expect([...found.weights.keys()]).toContain('model1.logit.bias');
  });

  it('takes with the best one what errs otherwise, before what is second and errs alike', async () => {
    const half = other.map((signal) => signal / 2);
    const best = one.map((signal, row) => signal + half[row]!);
    // Alone, half a signal is worth less than all but what the best one has.
    const alike = best.map((logit) => logit + (next() - 0.5) / 10);
    const otherwise = half.map((signal) => signal + (next() - 0.5) / 2);
    const found = await choose(
      [candidate('best', best), candidate('alike', alike), candidate('otherwise', otherwise)],
      labels,
    );
    expect(names(found.members)).toEqual(['best', 'otherwise']);
  });

  it('passes over a candidate without a look', async () => {
    const blind: Candidate = { ...candidate('blind', one), best: undefined };
    expect(names((await choose([blind, candidate('cheap', one)], labels)).members)).toEqual(['cheap']);
  });

  it('lets the event loop turn between the models and means that it looks at', async () => {
    const four = ['a', 'b', 'c', 'd'].map((name) => candidate(name, one));
    // Four models, the best one with each of three others, that pair with each of two.
    expect(await turnsOf(() => choose(four, labels))).toBeGreaterThanOrEqual(4 + 3 + 2);
  });
});
