import type { ColumnSchema, DataSchema } from '@adstocrat/data-validation';
import type { TimeFormat } from '@adstocrat/examples';
import type { ColumnStatistics, SpanStatistics } from '@adstocrat/statistics';
import { type DeclaredFeature, parseFeatures } from './feature-declarations.ts';
import { type ChosenOperation, chooseForText, differentInEachRow } from './choose-for-text.ts';
import type { AnyOperation, Roles } from './operation.ts';
import { imageParameters } from './operations/image.ts';
import { operationOf } from './operations/index.ts';
import type { TextKind } from './text-kind.ts';
import type { FixedColumn, ImageTransform } from './transform-graph.ts';

/** One operation on its columns, to be fitted. */
export interface PlannedFeature {
  readonly operation: AnyOperation;
  readonly parameters: unknown;
  /** Its own column, then those that the parameters name. */
  readonly columns: readonly string[];
}

/** How each raw column enters the model. */
export interface TransformPlan {
  readonly features: readonly PlannedFeature[];
  readonly image?: ImageTransform;
  /** Columns that training alone reads, and what stands for them elsewhere. */
  readonly fixed?: readonly FixedColumn[];
  /** Columns that are left out, with the reason. */
  readonly dropped: ReadonlyMap<string, string>;
  /** Columns whose texts were looked into, with the operations that follow, or why they are left out. */
  readonly guessed?: ReadonlyMap<string, string>;
}

/** Declared features that do not fit the data. A line for each mistake, with its key in the task. */
export class FeatureError extends RangeError {
  override readonly name = 'FeatureError';
}

/** Texts that nobody looked into. */
const value: TextKind = { kind: 'value' };
/** An integer column with fewer distinct values than this is categorical. */
const fewIntegers = 1000;
/** Ids a row of all texts together that are looked into without being asked to, at most: a row of more costs what nobody asked for. */
const mostTextIds = 256;

/**
 * Decides how each raw column enters the model, from schema, statistics, what the task declares under `features` and what text columns
 * hold (`textKind`; a value where it is not said). No name is looked at. Throws {@link FeatureError} for a declaration that cannot be followed.
 */
export function planFeatures(
  schema: DataSchema,
  statistics: SpanStatistics,
  task: {
    readonly features: unknown;
    readonly timeFormat?: TimeFormat | undefined;
    readonly knownLater?: Readonly<Record<string, string | number | null>> | undefined;
    readonly weight?: string | undefined;
  },
  kinds: ReadonlyMap<string, TextKind> = new Map(),
): TransformPlan {
  const { declared, issues } = parseFeatures(task.features);
  const mistakes = issues.map(({ path, message }) => `${['features', ...path].join('.')}: ${message}`);
  const facts = new Map(statistics.columns.map((column) => [column.name, column]));
  const usable = new Map(
    schema.columns
      .filter(({ name, role }) => role !== 'label' && role !== 'id' && name !== task.weight)
      .map((column) => [column.name, column]),
  );
  const eventTime = schema.columns.find(({ role }) => role === 'eventTime')?.name;
  const ignoresTime = (declared.get(eventTime ?? '') ?? []).some(({ kind }) => kind === 'ignore');
  const ids = [...kinds.values()].reduce((sum, kind) => sum + ('length' in kind ? kind.length : 0), 0);
  const context = {
    kinds,
    // A server need not be sent what no feature reads.
    roles: eventTime === undefined || ignoresTime ? {} : { eventTime },
    shorten: (length: number) => Math.max(1, Math.floor(length * Math.min(1, mostTextIds / Math.max(1, ids)))),
  };
  const roles = {
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(task.timeFormat === undefined ? {} : { timeFormat: task.timeFormat }),
  };
  const planned: PlannedFeature[] = [];
  const dropped = new Map<string, string>();
  const guessed = new Map<string, string>();
  let image: ImageTransform | undefined;
  const add = (column: string, operation: AnyOperation, given: unknown): void => {
    const parameters = operation.complete?.(given, { column, ...roles }) ?? given;
    const columns = [column, ...(operation.takes?.(parameters) ?? [])];
    const absent = columns.find((name) => !usable.has(name));
    if (absent !== undefined)
      throw new RangeError(
        `"${absent}" is no column that a request can give: there are ${[...usable.keys()].join(', ')}`,
      );
    planned.push({ operation, parameters, columns });
  };
  for (const [name] of declared) {
    if (!schema.columns.some((column) => column.name === name))
      mistakes.push(`features.${name}: the data has no such column`);
  }
  for (const column of schema.columns) {
    const { name, role } = column;
    const own = declared.get(name) ?? [{ kind: 'auto' }];
    for (const one of own) {
      try {
        if (one.kind === 'image' || (role === 'image' && one.kind === 'auto')) {
          if (role !== 'image') throw new RangeError('image is for the column that the task names under image');
          image = { column: name, ...(one.kind === 'image' ? one.parameters : imageParameters.parse({})) };
        } else if (one.kind === 'operation') {
          if (name === task.weight) throw new RangeError('is what rows count, which no request gives');
          if (role === 'label' || role === 'id') throw new RangeError(`is the ${role}, which no request gives`);
          add(name, one.operation, one.parameters);
        } else {
          const chosen =
            name === task.weight ? 'is what training rows count' : choose(column, facts.get(name), one.kind, context);
          if (one.kind === 'auto' && isLookedInto(column, kinds.get(name), chosen))
            guessed.set(name, typeof chosen === 'string' ? `left out (it ${chosen})` : wordsOf(chosen));
          if (typeof chosen === 'string') dropped.set(name, chosen);
          else
            for (const { op, ...given } of chosen) add(name, operationOf(op), operationOf(op).parameters.parse(given));
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        mistakes.push(`features.${name}: ${error.message}`);
      }
    }
  }
  if (mistakes.length > 0) throw new FeatureError(mistakes.join('\n'));
  const fixed = Object.entries(task.knownLater ?? {}).flatMap(([name, value]): FixedColumn[] => {
    const column = usable.get(name);
    if (column === undefined) throw new FeatureError(`knownLater.${name}: the data has no such column`);
    if (column.type !== 'string' && value !== null && !Number.isFinite(Number(value)))
      throw new FeatureError(`knownLater.${name}: the column holds numbers, got ${JSON.stringify(value)}`);
    return [{ column: name, type: column.type, value }];
  });
  return { features: planned, dropped, guessed, ...(image && { image }), ...(fixed.length > 0 && { fixed }) };
}

/** Operations on a column with their parameters, or why it is left out. */
function choose(
  { name, type, role }: ColumnSchema,
  facts: ColumnStatistics | undefined,
  choice: Exclude<DeclaredFeature['kind'], 'image' | 'operation'>,
  context: {
    readonly kinds: ReadonlyMap<string, TextKind>;
    readonly roles: Omit<Roles, 'column'>;
    readonly shorten: (length: number) => number;
  },
): readonly ChosenOperation[] | string {
  if (role === 'label' || role === 'id') return `is the ${role}`;
  if (role === 'ignored' || choice === 'ignore') return 'is the task’s to ignore';
  if (choice === 'numeric')
    return facts === undefined || facts.missing === 0 ? [{ op: 'zScore' }] : [{ op: 'zScore' }, { op: 'missing' }];
  if (choice === 'buckets') return [{ op: 'quantileBuckets' }];
  if (role === 'eventTime') return [{ op: 'hour' }, { op: 'weekday' }];
  if (facts === undefined || isConstant(facts)) return 'has one value only';
  const kind = context.kinds.get(name) ?? value;
  if (type === 'string' || (type === 'integer' && kind.kind === 'time'))
    return chooseForText(kind, facts, context.roles, context.shorten);
  if (type === 'integer' && isCategorical(facts)) return [{ op: 'vocabulary' }];
  if (facts.numeric === undefined) return 'has no numbers';
  const numbers = [{ op: 'quantileBuckets' }, { op: 'zScore' }];
  return facts.missing > 0 ? [...numbers, { op: 'missing' }] : numbers;
}

/** Whether what its texts hold decided how it enters the model. */
function isLookedInto(
  { type, role }: ColumnSchema,
  kind: TextKind | undefined,
  chosen: readonly ChosenOperation[] | string,
): boolean {
  if (role !== 'feature') return false;
  if (type === 'string') return (kind ?? value).kind !== 'value' || chosen === differentInEachRow;
  return type === 'integer' && kind?.kind === 'time';
}

/** Operations as a person reads them: vocabulary and list of "|". */
function wordsOf(chosen: readonly ChosenOperation[]): string {
  return chosen
    .map(({ op, ...given }) => ('separator' in given ? `${op} of ${JSON.stringify(given['separator'])}` : op))
    .join(' and ');
}

function isConstant(facts: ColumnStatistics): boolean {
  if (facts.present === 0) return true;
  if (facts.missing > 0) return false;
  return facts.numeric === undefined ? facts.categorical?.distinct === 1 : facts.numeric.min === facts.numeric.max;
}

/** Few values, or ids: whole numbers with no spread that a distance would mean something on. */
function isCategorical(facts: ColumnStatistics): boolean {
  const distinct = facts.categorical?.distinct ?? Infinity;
  return distinct <= fewIntegers || distinct > 0.5 * ((facts.numeric?.max ?? 0) - (facts.numeric?.min ?? 0) + 1);
}
