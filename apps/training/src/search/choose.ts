import { costPerRow, type ModelSpec, type Weights } from '@adstocrat/models';
import { blendCandidates } from './blend-candidates.ts';
import type { Candidate } from './candidate.ts';
import { type Look, lookAt, lossDifference } from './look.ts';

/** Models that one servable holds at most. */
const maxMembers = 3;
/** A dearer choice must be better by this share of the difference's standard error. */
const worthwhile = 1;
/** And by this share of the loss: models that are the same but for rounding differ by less. */
const negligible = 1e-4;

/** What a run serves: one candidate, or the mean of a few candidates' calibrated logits. */
export interface Choice {
  readonly members: readonly Candidate[];
  readonly spec: ModelSpec;
  readonly weights: Weights;
  readonly look: Look;
  /** Multiply-adds of a row, without its image. */
  readonly cost: number;
}

/**
 * The cheapest of the single models, of the best one with each other, and of the best such pair with each other, that is not worse than the best of all by more
 * than chance may make it: what a model adds to a blend is that it errs otherwise, not that it is second. Throws `TypeError` where no
 * candidate has a look. Yields to the event loop meanwhile. Source: R. Caruana et al., "Ensemble Selection from Libraries of Models", 2004.
 */
export async function choose(all: readonly Candidate[], labels: Float32Array): Promise<Choice> {
  const ranked = all
    .filter(({ best }) => best !== undefined)
    .toSorted((a, b) => (a.best?.loss ?? NaN) - (b.best?.loss ?? NaN));
  const lowest = (choices: readonly Choice[]): Choice =>
    choices.reduce((one, other) => (other.look.loss < one.look.loss ? other : one));
  const candidates = await blendsOf(
    ranked.map((one) => [one]),
    labels,
  );
  for (let grown: readonly Choice[] = candidates; grown.length > 0 && (grown[0]?.members.length ?? 0) < maxMembers;) {
    const { members } = lowest(grown);
    const others = ranked.filter((one) => !members.includes(one));
    grown = await blendsOf(
      others.map((one) => [...members, one]),
      labels,
    );
    candidates.push(...grown);
  }
  const best = lowest(candidates);
  const close = candidates.filter(({ look }) => {
    const { mean, standardError } = lossDifference(look, best.look);
    return mean <= worthwhile * standardError + negligible * best.look.loss;
  });
  return [best, ...close].reduce((one, other) => (other.cost < one.cost ? other : one));
}

/** A look at half a million rows takes a second or two: between two of them the lease of the run is prolonged. */
async function blendsOf(all: readonly (readonly Candidate[])[], labels: Float32Array): Promise<Choice[]> {
  const blends: Choice[] = [];
  for (const members of all) {
    blends.push(blendOf(members, labels));
    await new Promise(setImmediate);
  }
  return blends;
}

function blendOf(members: readonly Candidate[], labels: Float32Array): Choice {
  const own = members.map(({ spec, best }) => ({ spec, best, slope: best?.calibration.slope ?? NaN }));
  const { spec, weights, logits } = blendCandidates(own, labels.length);
  return { members, spec, weights, look: lookAt(logits, labels), cost: costPerRow(spec) };
}
