import type { Part } from '../checkpoint/part.ts';
import { fittedPairs } from '../pairs/fitted-pairs.ts';
import { treesAlone, treesOnLinear } from '../trees/boosted-trees.ts';
import type { Places } from '../crosses/pair-numbers.ts';
import type { Candidate } from './candidate.ts';
import type { LinearCandidate } from './linear-candidate.ts';
import { lookAt } from './look.ts';
import type { FitData, TrialData } from './trial-data.ts';

/** The models that are fitted at once. */
export type FitName = 'trees' | 'trees alone' | 'pairs';

/** How far a model is that is fitted at once: sweeps or trees, of at most so many. */
export interface FitProgress {
  readonly fit: 'linear' | FitName | 'all rows';
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
}

/** What a model that is fitted at once begins from. */
export interface FitOptions {
  /** What it adds to. */
  readonly linear: LinearCandidate;
  readonly seed: number;
  /** Epochs of one model that the run may take: who reads rows many times reads them so much the less or more. */
  readonly budget: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
}

/** How far a fit went, by which the same can be fitted on other rows. */
export interface FitExtent {
  readonly fit: FitName;
  /** Trees or sweeps. */
  readonly steps: number;
  /** Of pairs: the variance that vectors' numbers began with, and the places in a row of those features whose crosses were remembered. */
  readonly before?: number;
  readonly crosses?: readonly Places[];
}

/** A model that was fitted at once. */
export interface FittedCandidate extends Candidate {
  readonly extent: FitExtent;
}

/**
 * A model that is fitted at once, beside those that train by steps, as far as serves the validation rows best: undefined where it finds nothing to say. With an extent as
 * far as that goes, whatever they say. Throws `signal.reason` when aborted.
 */
export type FittedMember = (
  data: FitData,
  options: FitOptions,
  extent?: FitExtent,
) => Promise<FittedCandidate | undefined>;

/** All of them, in the order of their fits. */
export const fittedMembers: ReadonlyMap<FitName, FittedMember> = new Map([
  ['trees', treesOnLinear],
  ['trees alone', treesAlone],
  ['pairs', fittedPairs],
]);

/** A fitted model as a part of a checkpoint. */
export function partOfFitted({ name, spec, best, extent }: FittedCandidate): Part {
  return {
    facts: { name, spec, extent },
    arrays: new Map(best === undefined ? [] : [['logits', best.logits] as const, ...best.weights]),
  };
}

export function fittedOfPart({ facts, arrays }: Part, data: TrialData): FittedCandidate {
  const { logits = new Float32Array(), ...weights } = Object.fromEntries(arrays);
  const { name, spec, extent } = facts as unknown as Pick<FittedCandidate, 'name' | 'spec' | 'extent'>;
  const best = { ...lookAt(logits, data.validation.labels), weights: new Map(Object.entries(weights)) };
  return { name, spec, best, extent, epochs: 0, bestEpoch: 0, curve: [] };
}
