import type { TuningTrialRecord } from '@adstocrat/metadata';
import { byMerit } from '@adstocrat/tuning';

/** What a study came to. */
export interface Verdict {
  /** Chosen on the choosing rows among all trials, and among the portfolio's. */
  readonly best: TuningTrialRecord;
  readonly portfolio: TuningTrialRecord;
  /** Mean over the showing rows' stretches of the best one's log-loss less the portfolio's, and its standard error. */
  readonly difference: number;
  readonly standardError: number;
  /** Whether it is better beyond what chance makes in one comparison of twenty. */
  readonly isBetter: boolean;
  /** Settings beyond the defaults that have shown something. */
  readonly drawn: number;
}

/** Student's t for 19 degrees of freedom, 5 % to both sides; stretches are 20. */
const t = 2.093;

/**
 * The best trial beside the best default, on rows by which neither was chosen: however many trials there were, that they were many flatters neither. That is so of one
 * look: who asks on until it is better looks more often than once. Undefined before a default has ended. Stretches are compared, not rows: neighbouring rows are
 * alike.
 */
export function judgeStudy(trials: readonly TuningTrialRecord[]): Verdict | undefined {
  const [best, portfolio] = [ranked(trials)[0], ranked(trials.filter(({ from }) => from === 'portfolio'))[0]];
  if (best?.shown === undefined || portfolio?.shown === undefined) return undefined;
  const drawn = ranked(trials).filter(({ from }) => from === 'sampler').length;
  const others = portfolio.shown.stretches;
  const differences = best.shown.stretches.map((loss, index) => loss - (others[index] ?? NaN));
  const count = differences.length;
  const difference = differences.reduce((sum, one) => sum + one, 0) / count;
  const squares = differences.reduce((sum, one) => sum + (one - difference) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  return { best, portfolio, difference, standardError, isBetter: difference + t * standardError < 0, drawn };
}

/** Trials that have ended and shown something, the best one first. */
export function ranked(trials: readonly TuningTrialRecord[]): readonly TuningTrialRecord[] {
  const merit = ({ rungs }: TuningTrialRecord): Parameters<typeof byMerit>[0] => ({
    rung: rungs.length,
    loss: rungs.at(-1)?.loss ?? Infinity,
  });
  return trials
    .filter(({ shown }) => shown !== undefined)
    .toSorted((one, other) => byMerit(merit(one), merit(other)) || one.trial - other.trial);
}
