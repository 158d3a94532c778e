import type { Verdict } from './judge-study.ts';

/** What a study came to, for people. */
export function verdictSentence(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'Nothing can be compared yet: no default setting has ended.';
  const { best, portfolio, difference, standardError, isBetter, drawn } = verdict;
  if (drawn === 0) return `Only defaults were tried: trial ${best.trial} is the best of them.`;
  if (best.trial === portfolio.trial)
    return `None of the drawn settings is better than trial ${best.trial}, a default.`;
  const figures = `log-loss ${signed(difference)} ± ${standardError.toFixed(5)}`;
  const beside = `trial ${best.trial} beside trial ${portfolio.trial}, the best default, on rows that chose neither: ${figures}`;
  return isBetter ? `Better: ${beside}.` : `Not shown to be better: ${beside}.`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;
