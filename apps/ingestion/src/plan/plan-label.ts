import { BadData, type LabelRule, type TermCount } from '@adstocrat/example-engine';
import { missingWords } from '@adstocrat/examples';
import { type Task, toleratedByDefault } from '@adstocrat/tasks';
import { count } from './span-facts.ts';

const positiveWords: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', 'on']);
const negativeWords: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off']);

/** The data does not say which of the label's values are positive. */
export class UnclearLabel extends BadData {
  /** The line of task.yaml that most likely says it. */
  readonly line: string;

  constructor(message: string, line: string) {
    super(message);
    this.line = line;
  }
}

export interface PlannedLabel {
  readonly rule: LabelRule;
  /** What was guessed, where it is not plain. */
  readonly notes: readonly string[];
}

/**
 * Which values of the label are positive. Declared by `positive`, or recognised: 1 and 0 in any spelling, true and false, yes and no,
 * on and off, 1 and −1. `empty`: rows without one, which are negative where `unlabelled` says so, and every value then positive that denies
 * nothing. Throws {@link BadData} for anything else, naming the key that says it, and where only one of the two occurs.
 */
export function planLabel(
  { label, positive, unlabelled, data }: Pick<Task, 'label' | 'positive' | 'unlabelled' | 'data'>,
  labels: { readonly terms: readonly TermCount[]; readonly distinct: number },
  tolerate: number,
  empty = 0,
): PlannedLabel {
  const values = merged(labels.terms);
  if (values.length === 0) throw new BadData(`label: column "${label}" is empty in every row`);
  if (unlabelled !== undefined) return { rule: { column: label, ...present(positive, values), unlabelled }, notes: [] };
  if (positive !== undefined) return declared(label, positive, values, empty);
  const sides = values.map(({ value }) => sideOf(value));
  // −1 stands for no where nothing else does.
  const minus = sides.includes(0) ? undefined : -1;
  const of = (side: number): readonly string[] =>
    values.filter((_, index) => sides[index] === side).map(({ value }) => value);
  const rule = {
    column: label,
    positive: of(1),
    negative: minus === undefined ? of(0) : [...of(0), ...of(minus)],
  };
  const known = new Set([...rule.positive, ...rule.negative]);
  const total = values.reduce((sum, one) => sum + one.count, 0);
  const [absent, others] = [true, false].map((is) =>
    values.filter(({ value }) => !known.has(value) && missingWords.has(value.toLowerCase()) === is),
  ) as [TermCount[], TermCount[]];
  const without = absent.reduce((sum, one) => sum + one.count, empty);
  const strange = others.reduce((sum, one) => sum + one.count, 0);
  if (strange > Math.max(1, Math.floor(tolerate * total)) || known.size === 0)
    throw notBinary(label, values, others, { tolerate: data.tolerate ?? toleratedByDefault, without });
  if (rule.positive.length === 0 || rule.negative.length === 0) throw onlyOne(label, [...known][0] ?? '', without);
  const plain = rule.positive.every((value) => value === '1') && rule.negative.every((value) => value === '0');
  return {
    rule,
    notes: plain
      ? []
      : [`label: ${quoted(rule.positive)} is positive, ${quoted(rule.negative)} negative (task.yaml: positive)`],
  };
}

function declared(
  label: string,
  positive: readonly string[],
  values: readonly TermCount[],
  empty: number,
): PlannedLabel {
  const there = values.map(({ value }) => value);
  const absent = positive.filter((value) => !there.includes(value));
  const shown = quoted(there);
  if (absent.length === positive.length)
    throw new BadData(`positive: ${quoted(absent)} is no value of the label "${label}", which holds ${shown}`);
  const rest = there.filter((value) => !positive.includes(value));
  const advice =
    empty === 0 ? '' : `; where the ${count(empty)} rows without one are negative, write ${unlabelledLine}`;
  if (rest.length === 0)
    throw new BadData(`positive: every value of the label "${label}" is positive: ${shown}${advice}`);
  return {
    rule: { column: label, positive },
    notes: [
      ...(absent.length === 0 ? [] : [`label: ${quoted(absent)}, which positive names, does not occur`]),
      ...(rest.length === 1
        ? []
        : [`label: ${quoted(positive)} is positive, every other value negative: ${quoted(rest)}`]),
    ],
  };
}

/** 1, 0 or −1, whatever the spelling; undefined for anything else. */
function sideOf(value: string): number | undefined {
  const word = value.toLowerCase();
  if (positiveWords.has(word)) return 1;
  if (negativeWords.has(word)) return 0;
  const number = /^[+-]?\d+(\.0*)?$/.test(value) ? Number(value) : NaN;
  return number === 1 || number === 0 || number === -1 ? number + 0 : undefined;
}

/** What is what where rows without a value are negative: words for no are too. */
function present(
  positive: readonly string[] | undefined,
  values: readonly TermCount[],
): Pick<LabelRule, 'positive' | 'negative'> {
  if (positive !== undefined) return { positive };
  const denying = values.filter(({ value }) => sideOf(value) === 0 || missingWords.has(value.toLowerCase()));
  return { negative: denying.map(({ value }) => value) };
}

const unlabelledLine = 'unlabelled: negative';

function onlyOne(label: string, value: string, without: number): BadData {
  const held = `label: column "${label}" is "${value}" in every row`;
  if (without === 0) return new BadData(`${held}: there is nothing to tell apart, both labels are needed`);
  return new UnclearLabel(
    `${held} that has a value, and ${count(without)} have none: if those are the negative ones, write ${unlabelledLine} into task.yaml; else there is nothing to tell apart`,
    unlabelledLine,
  );
}

function notBinary(
  label: string,
  values: readonly TermCount[],
  others: readonly TermCount[],
  { tolerate, without }: { readonly tolerate: string; readonly without: number },
): UnclearLabel {
  const [one, two] = values;
  const held = `label: column "${label}" holds ${quoted(values.map(({ value }) => value))}`;
  if (one !== undefined && two !== undefined && values.length === 2) {
    const likely = likelyPositive(values);
    return new UnclearLabel(
      `${held}: which of the two is positive? Write it into task.yaml, for example positive: ${JSON.stringify(likely)}`,
      positiveLine(likely),
    );
  }
  const rows = others.reduce((sum, { count: rare }) => sum + rare, 0);
  const likely = likelyPositive(others);
  if (without > rows)
    return new UnclearLabel(
      `${held}, and no value in ${count(without)} rows: if those are the negative ones, and all others positive, write ${unlabelledLine} into task.yaml; or positive, with the values that are positive against all others`,
      unlabelledLine,
    );
  const message = `${held}: ${count(rows)} of its rows are neither of two values, more than the ${tolerate} that data.tolerate allows. A label is 0 or 1, true or false, yes or no, or whatever positive in task.yaml says, against all other values: for example positive: ${JSON.stringify(likely)}`;
  return new UnclearLabel(message, positiveLine(likely));
}

function positiveLine(value: string): string {
  return `positive: ${JSON.stringify(value)}`;
}

/** How words begin that say that something did not happen. */
const negation = /^(no|nein|nicht|kein|un|false|falsch|never|without|ohne|0|-)/i;

/** The value that most likely is positive: of numbers the greatest, else of those that deny nothing the rarest. */
function likelyPositive(values: readonly TermCount[]): string {
  const affirmed = values.filter(({ value }) => !negation.test(value));
  const areNumbers = values.every(({ value }) => Number.isFinite(Number(value)));
  const [rarest] = (affirmed.length > 0 ? affirmed : values).toSorted((a, b) =>
    areNumbers ? Number(b.value) - Number(a.value) : a.count - b.count || (a.value < b.value ? 1 : -1),
  );
  return rarest?.value ?? '';
}

/** Values without the blanks around them, the most frequent first. */
function merged(terms: readonly TermCount[]): readonly TermCount[] {
  const counts = new Map<string, number>();
  for (const { value, count: one } of terms) {
    const trimmed = value.trim();
    if (trimmed !== '') counts.set(trimmed, (counts.get(trimmed) ?? 0) + one);
  }
  return [...counts].map(([value, one]) => ({ value, count: one })).sort((a, b) => b.count - a.count);
}

function quoted(values: readonly string[]): string {
  const shown = values.slice(0, 5).map((value) => `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`);
  if (values.length > 5) return `${shown.join(', ')}, …`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}
