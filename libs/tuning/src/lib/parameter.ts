/** A number of a range, seen evenly or by its logarithm; whole ones from 1 only where that is said. */
export interface NumberParameter {
  readonly name: string;
  readonly scale: 'even' | 'log';
  /** Both are in it. */
  readonly from: number;
  readonly to: number;
  readonly whole?: true;
  readonly when?: Condition;
}

/** One of a few words. */
export interface ChoiceParameter {
  readonly name: string;
  readonly choices: readonly string[];
  readonly when?: Condition;
}

/** What may be set. One with a condition means something only where an earlier choice has one of the words. */
export type Parameter = NumberParameter | ChoiceParameter;

export interface Condition {
  readonly parameter: string;
  readonly is: readonly string[];
}

/** A space: conditions name parameters before their own. */
export type Space = readonly Parameter[];

/** Values by parameter, of those alone that mean something in it. */
export type Point = Readonly<Record<string, number | string>>;

export function isChoice(parameter: Parameter): parameter is ChoiceParameter {
  return 'choices' in parameter;
}

/** Whether a parameter means something beside these values. */
export function isMeant({ when }: Parameter, beside: Point): boolean {
  return when === undefined || when.is.includes(String(beside[when.parameter]));
}

/** Where a value lies in its range, in [0, 1]. */
export function shareOf(parameter: NumberParameter, value: number): number {
  const [from, to] = boundsOf(parameter);
  if (from === to) return 0.5;
  return parameter.scale === 'even' ? (value - from) / (to - from) : Math.log(value / from) / Math.log(to / from);
}

/** The value at a share of the range, the nearest whole one where only those are allowed. */
export function valueAt(parameter: NumberParameter, share: number): number {
  const [from, to] = boundsOf(parameter);
  const value = parameter.scale === 'even' ? from + share * (to - from) : from * (to / from) ** share;
  const rounded = parameter.whole === true ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(parameter.to, Math.max(parameter.from, rounded));
}

/** Whole numbers stand for all that is rounded to them: the first and the last one are as likely as those between. */
function boundsOf({ from, to, whole }: NumberParameter): readonly [from: number, to: number] {
  return whole === true ? [from - 0.5, to + 0.5] : [from, to];
}
