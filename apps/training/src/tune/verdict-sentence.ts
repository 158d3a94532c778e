import type { Verdict } from './judge-study.ts';

/** What a study came to, for people. */
export function verdictSentence(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'No trial has ended yet that could be compared with what a run tries by itself.';
  const { best, portfolio, difference, standardError, isBetter } = verdict;
  if (best.trial === portfolio.trial)
    return `No trial is better than trial ${best.trial}, which a run tries by itself: the task needs no settings.`;
  const figures = `log-loss ${signed(difference)} ± ${standardError.toFixed(5)}`;
  const beside = `trial ${best.trial} beside trial ${portfolio.trial}, the best of what a run tries by itself, on rows that chose neither: ${figures}`;
  return isBetter
    ? `Better: ${beside}.`
    : `Not shown to be better: ${beside}. Settings that are not better only cost; more rows or more trials may tell.`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;
