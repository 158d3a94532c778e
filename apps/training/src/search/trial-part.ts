import type { Weights } from '@adstocrat/models';
import type { Part } from '../checkpoint/part.ts';
import type { TrialState } from './trial.ts';

interface TrialFacts extends Pick<
  TrialState,
  'step' | 'stretches' | 'stretch' | 'bestStep' | 'wentBack' | 'parts' | 'beginning' | 'failed' | 'curve'
> {
  /** Of the optimizer; absent where the trial does not go on. */
  readonly optimizerStep?: number;
}

/** A trial's state as a part of a checkpoint. */
export function partOfTrial({ best, trainer, ...facts }: TrialState): Part {
  return {
    facts: { ...facts, ...(trainer && { optimizerStep: trainer.step }) } satisfies TrialFacts,
    arrays: new Map([
      ...(best === undefined ? [] : [['logits', best.logits] as const, ...named('best', best.weights)]),
      ...(trainer === undefined
        ? []
        : [...named('weight', trainer.weights), ...named('first', trainer.first), ...named('second', trainer.second)]),
    ]),
  };
}

export function trialOfPart({ facts, arrays }: Part): TrialState {
  const { optimizerStep, ...state } = facts as unknown as TrialFacts;
  const logits = arrays.get('logits');
  return {
    ...state,
    ...(logits && { best: { logits, weights: unnamed('best', arrays) } }),
    ...(optimizerStep !== undefined && {
      trainer: {
        step: optimizerStep,
        weights: unnamed('weight', arrays),
        first: unnamed('first', arrays),
        second: unnamed('second', arrays),
      },
    }),
  };
}

function named(prefix: string, weights: Weights): readonly (readonly [string, Float32Array])[] {
  return Array.from(weights, ([name, values]) => [`${prefix}/${name}`, values] as const);
}

function unnamed(prefix: string, arrays: Part['arrays']): Weights {
  const own = [...arrays].filter(([name]) => name.startsWith(`${prefix}/`));
  return new Map(own.map(([name, values]) => [name.slice(prefix.length + 1), values]));
}
