import type { Part } from '../checkpoint/part.ts';
import { fittedPairs } from '../pairs/fitted-pairs.ts';
import { treesAlone, treesOnLinear } from '../trees/boosted-trees.ts';
import type { Candidate } from './candidate.ts';
import type { LinearCandidate } from './linear-candidate.ts';
import { lookAt } from './look.ts';
import type { TrialData } from './trial-data.ts';

/** How far a model is that is fitted at once: sweeps or trees, of at most so many. */
export interface FitProgress {
  readonly fit: 'linear' | 'trees' | 'trees alone' | 'pairs';
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

/** A model that is fitted at once, beside those that train by steps: undefined where it finds nothing to say. Throws `signal.reason` when aborted. */
export type FittedMember = (data: TrialData, options: FitOptions) => Promise<Candidate | undefined>;

/** All of them, in the order of their fits. */
export const fittedMembers: readonly FittedMember[] = [treesOnLinear, treesAlone, fittedPairs];

/** A fitted model as a part of a checkpoint. */
export function partOfFitted({ name, spec, best }: Candidate): Part {
  return {
    facts: { name, spec },
    arrays: new Map(best === undefined ? [] : [['logits', best.logits] as const, ...best.weights]),
  };
}

export function fittedOfPart({ facts, arrays }: Part, data: TrialData): Candidate {
  const { logits = new Float32Array(), ...weights } = Object.fromEntries(arrays);
  const { name, spec } = facts as unknown as Pick<Candidate, 'name' | 'spec'>;
  const best = { ...lookAt(logits, data.validation.labels), weights: new Map(Object.entries(weights)) };
  return { name, spec, best, epochs: 0, bestEpoch: 0, curve: [] };
}
