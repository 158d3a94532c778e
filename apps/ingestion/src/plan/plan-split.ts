import { BadData, type SplitRule } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import { parseDurationMs, parseShare, type Task } from '@adstocrat/tasks';
import type { Guess } from './guesses.ts';
import { count } from './span-facts.ts';

/** Shares of the rows where a task names none. */
const shares = { test: 0.2, validation: 0.1 };

/** Probabilities of the quantiles of the event time that {@link planSplit} looks at, ascending. */
export const timeProbabilities: readonly number[] = [
  // 0.7 and 0.8 are where validation and test begin by the shares above; written out, since 1 − 0.2 − 0.1 is no 0.7.
  ...[0, 0.01, 0.7, 0.8, 0.99, 0.999, 0.9999, 0.99999, 1],
];

const dayMs = 86_400_000;

export interface SplitPlan {
  readonly rule: SplitRule;
  /** The first and the last event but for those that lie far from all others; absent without an event time. */
  readonly timeRangeMs?: readonly [number, number];
  readonly notes: readonly string[];
  /** How rows are held out, where the task does not say it. */
  readonly guesses: readonly Guess[];
  readonly findings: readonly string[];
}

/**
 * How rows are put into splits. By time, without sizes: the newest fifth of the rows is test, the tenth before it validation. With
 * sizes: so much before the last event. A few events that lie far from all others move nothing. `times` are the event times at
 * {@link timeProbabilities}, empty without an event time. Throws {@link BadData} where nothing would be left to train on.
 */
export function planSplit(task: Pick<Task, 'split' | 'unit' | 'eventTime'>, times: readonly number[]): SplitPlan {
  const hash = (test: number, validation: number): SplitRule => ({
    by: 'hash',
    column: task.unit ?? reservedColumns.id,
    test,
    validation,
  });
  const by = `a hash of ${task.unit === undefined ? 'the row' : `"${task.unit}"`}`;
  if (task.split?.by === 'time' && task.eventTime === undefined) throw new BadData('split: by time needs an eventTime');
  const range = rangeOf(times);
  const timed = range === undefined ? {} : { timeRangeMs: [range.first, range.last] as const };
  const findings = range === undefined ? [] : farOff(task.eventTime, times, range);
  if (task.split?.by === 'hash')
    return {
      rule: hash(parseShare(task.split.test), parseShare(task.split.validation)),
      ...timed,
      notes: [],
      guesses: [],
      findings,
    };
  if (range === undefined)
    return {
      rule: hash(shares.test, shares.validation),
      notes: [`split: ${by}, 20 % test and 10 % validation (task.yaml: split)`],
      guesses: [hashGuess(by)],
      findings,
    };
  if (task.split?.by === 'time') {
    const [testMs, validationMs] = [parseDurationMs(task.split.test), parseDurationMs(task.split.validation)];
    const testAfterMs = range.last - testMs;
    const validationAfterMs = testAfterMs - validationMs;
    if (validationAfterMs < range.first)
      throw new BadData(
        `split: ${task.split.test} of test and ${task.split.validation} of validation leave no rows to train on: the events span ${duration(range.last - range.first)}, from ${iso(range.first)} to ${iso(range.last)}`,
      );
    return { rule: { by: 'time', testAfterMs, validationAfterMs }, ...timed, notes: [], guesses: [], findings };
  }
  const [validationAfterMs = NaN, testAfterMs = NaN] = times.slice(2, 4);
  if (!(validationAfterMs < testAfterMs && testAfterMs < range.last))
    return {
      rule: hash(shares.test, shares.validation),
      ...timed,
      notes: [
        `split: ${by}, 20 % test and 10 % validation: too many events share one time to split by it (task.yaml: split)`,
      ],
      guesses: [hashGuess(by)],
      findings,
    };
  return {
    rule: { by: 'time', testAfterMs, validationAfterMs },
    ...timed,
    notes: [
      `split: by time, test after ${iso(testAfterMs)}, validation after ${iso(validationAfterMs)}: the newest fifth of the rows and the tenth before it (task.yaml: split)`,
    ],
    guesses: [{ what: 'split', value: 'by time, the newest 20 % test and 10 % before it validation', key: 'split' }],
    findings,
  };
}

/** Said where rows are held out by a hash, and nobody said so. */
export const hashGuess = (by = 'a hash of the row'): Guess => ({
  what: 'split',
  value: `by ${by}, 20 % test and 10 % validation`,
  key: 'split',
});

interface TimeRange {
  readonly first: number;
  readonly last: number;
}

/** Without what lies further from the middle 98 % of the rows than they are long, and than a day. */
function rangeOf(times: readonly number[]): TimeRange | undefined {
  const [low, high] = [times[1], times[4]];
  if (low === undefined || high === undefined) return undefined;
  const far = Math.max(dayMs, high - low);
  return {
    first: times.find((time) => time >= low - far) ?? low,
    last: times.findLast((time) => time <= high + far) ?? high,
  };
}

function farOff(column = '', times: readonly number[], { first, last }: TimeRange): readonly string[] {
  const far = [times[0] ?? first, times.at(-1) ?? last].filter((time) => time < first || time > last);
  if (far.length === 0) return [];
  return [
    `${column}: some times lie far from all others, for example ${iso(far.at(-1) ?? first)}: they do not move the split`,
  ];
}

function duration(ms: number): string {
  return ms >= dayMs
    ? `${count(Math.round((ms / dayMs) * 10) / 10)} days`
    : `${count(Math.round(ms / 3_600_000))} hours`;
}

/** A moment without what is zero at its end; a number where no calendar has it. */
function iso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? String(ms)
    : date.toISOString().replace(/(T00:00:00)?\.000Z$/, (end) => (end.startsWith('T') ? '' : 'Z'));
}
