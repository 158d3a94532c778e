import { describe, expect, it } from 'vitest';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import { judgeStudy, ranked } from './judge-study.ts';
import { verdictSentence } from './verdict-sentence.ts';

function trialOf(trial: number, more: Partial<TuningTrialRecord>, losses: readonly number[] = []): TuningTrialRecord {
  const stretches = Array.from({ length: 20 }, (_, index) => losses[index % losses.length] ?? 0.3);
  return {
    study: 's',
    trial,
    attempt: 1,
    state: 'finished',
    from: 'sampler',
    point: { model: 'pairs' },
    rungs: [1, 3, 9].map((epochs) => ({ epochs, loss: 0.3, auc: 0.7 })),
    shown: { loss: 0.3, auc: 0.7, stretches },
    ...more,
  };
}
const rungs = (...losses: readonly number[]): TuningTrialRecord['rungs'] =>
  losses.map((loss, index) => ({ epochs: 3 ** index, loss, auc: 0.7 }));

describe('judgeStudy', () => {
  it('compares the best of all with the best default on rows that chose neither', () => {
    const trials = [
      trialOf(1, { from: 'portfolio', rungs: rungs(0.4, 0.35, 0.31) }, [0.3, 0.32]),
      trialOf(2, { from: 'portfolio', rungs: rungs(0.4, 0.35, 0.33) }, [0.2]),
      trialOf(3, { rungs: rungs(0.4, 0.35, 0.29) }, [0.29, 0.312]),
      trialOf(4, { rungs: rungs(0.4, 0.35, 0.3) }, [0.1]),
    ];
    const verdict = judgeStudy(trials)!;
    expect([verdict.best.trial, verdict.portfolio.trial]).toEqual([3, 1]);
    // Differences are −.010 and −.008 in turn: mean −.009, deviation .001 · √(20/19), standard error that ÷ √20.
    expect(verdict.difference).toBeCloseTo(-0.009, 12);
    expect(verdict.standardError).toBeCloseTo(0.001 / Math.sqrt(19), 12);
    expect(verdict.isBetter).toBe(true);
    expect(verdictSentence(verdict)).toMatch(/^Better: trial 3 beside trial 1.*−0\.00900 ± 0\.00023\.$/);
  });

  it('does not take chance for better: t of 2 with 19 degrees of freedom is within 5 %', () => {
    // Differences of m − .01 and m + .01 in turn have a standard error of .01 / √19 = .00229: m = −.0045 gives t = 1.96, m = −.005 t = 2.18.
    const against = (mean: number): boolean => {
      const losses = [0.3 + mean - 0.01, 0.3 + mean + 0.01];
      const [own, best] = [
        trialOf(1, { from: 'portfolio' }, [0.3]),
        trialOf(2, { rungs: rungs(0.4, 0.35, 0.2) }, losses),
      ];
      return judgeStudy([own, best])!.isBetter;
    };
    expect([against(-0.0045), against(-0.005), against(0.005)]).toEqual([false, true, false]);
  });

  it('ranks those that came further first, then by loss, and leaves out what showed nothing', () => {
    const trials = [
      trialOf(1, { state: 'stopped', rungs: rungs(0.1) }),
      trialOf(2, { rungs: rungs(0.4, 0.35, 0.34) }),
      trialOf(3, { rungs: rungs(0.4, 0.35, 0.33) }),
      trialOf(4, { state: 'running', rungs: rungs(0.01) }),
      trialOf(5, { state: 'failed', rungs: [] }),
    ].map((one) => {
      if (one.state !== 'running' && one.state !== 'failed') return one;
      const { shown: _shown, ...rest } = one;
      return rest;
    });
    expect(ranked(trials).map(({ trial }) => trial)).toEqual([3, 2, 1]);
  });

  it('says so where a default is best, and where there is nothing to compare', () => {
    expect(judgeStudy([])).toBeUndefined();
    expect(verdictSentence(undefined)).toMatch(/^Nothing can be compared yet/);
    const own = judgeStudy([trialOf(1, { from: 'portfolio' }), trialOf(2, { rungs: rungs(0.4, 0.35, 0.34) })])!;
    expect(own.isBetter).toBe(false);
    expect(verdictSentence(own)).toMatch(/^None of the drawn settings is better than trial 1, a default/);
    const alone = judgeStudy([trialOf(1, { from: 'portfolio' })])!;
    expect(verdictSentence(alone)).toMatch(/^Only defaults were tried/);
  });
});
