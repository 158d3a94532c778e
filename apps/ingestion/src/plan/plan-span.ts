import type { LabelRule } from '@adstocrat/example-engine';
import type { ColumnType } from '@adstocrat/examples';
import { InvalidRequest } from '@adstocrat/service-kit';
import { parseShare, type Task, toleratedByDefault } from '@adstocrat/tasks';
import { checkColumns, checkKnownLater, checkPersonal } from '../data/check-columns.ts';
import { checkJoined } from '../data/check-joined.ts';
import { checkNames } from '../data/check-names.ts';
import type { SpanColumn } from '../span/span-column.ts';
import { decimalCommas, planColumns } from './plan-columns.ts';
import { type Guess, guessesOf } from './guesses.ts';
import { inferId } from './plan-id.ts';
import { copiesAmong, sayRepeated } from './repeated-rows.ts';
import { planLabel } from './plan-label.ts';
import { type PlannedTime, planTime } from './plan-time.ts';
import { sayFiles } from './say-files.ts';
import type { SpanFacts } from './span-facts.ts';

/** All that is decided of a span before its rows are typed. */
export interface SpanPlan {
  /** With what it left out and the data told. */
  readonly task: Task;
  /** The keys that the data told. */
  readonly told: Readonly<Record<string, string>>;
  readonly columns: readonly SpanColumn[];
  readonly label: LabelRule;
  readonly labelType: ColumnType;
  readonly time: PlannedTime | undefined;
  /** What was guessed, each with the key of task.yaml that changes it. */
  readonly notes: readonly string[];
  /** The same, and what was guessed as one expects, for one line. */
  readonly guesses: readonly Guess[];
  /** Columns that give a row its id where nothing else does and rows repeat others: copies stay together. */
  readonly contentId: readonly string[] | undefined;
  /** What is odd about the data. */
  readonly findings: readonly string[];
}

/**
 * Decides what the raw columns of a task's data are. Pure: the same facts give the same plan. Throws {@link InvalidRequest} or BadData
 * where task and data do not go together, naming the key.
 */
export function planSpan(task: Task, facts: SpanFacts): SpanPlan {
  const names = [
    ...facts.columns,
    ...facts.tables.flatMap(({ key, columns }) => columns.filter(({ name }) => name !== key)),
  ].map(({ name }) => name);
  checkColumns(task, names, facts.files);
  checkJoined(
    task,
    facts.columns.map(({ name }) => name),
    facts.tables,
  );
  checkNames(task, names);
  const ofTables = facts.tables.flatMap(({ key, columns }) =>
    columns.map(({ name }) => name).filter((name) => name !== key),
  );
  checkPersonal(task, new Set(ofTables));
  checkKnownLater(task, new Set(ofTables));
  if (!facts.columns.some(({ name }) => name === task.label))
    throw new InvalidRequest(`label: "${task.label}" must be a column of the examples, not of a table`);
  const tolerate = parseShare(task.data.tolerate ?? toleratedByDefault);
  const empty = facts.columns.find(({ name }) => name === task.label)?.cells.empty;
  const label = planLabel(task, facts.labels, tolerate, empty);
  const { time, notes: ofTime } = planTime(task, facts.columns, facts.rows, tolerate, facts.timesOf);
  const copies = copiesAmong(task, facts);
  const ofTheTime = time === undefined ? {} : { eventTime: time.column, timeFormat: time.format };
  const id = inferId({ ...task, ...ofTheTime }, facts.columns, copies);
  const told = { ...ofTheTime, ...(id === undefined ? {} : { id: id.column }) };
  const resolved: Task = { ...task, ...told };
  const columns = planColumns(resolved, facts, tolerate);
  return {
    task: resolved,
    told,
    columns: columns.columns,
    label: label.rule,
    labelType: columns.labelType,
    time,
    notes: [...sayFiles(task, facts.files), ...label.notes, ...ofTime, ...(id?.notes ?? []), ...columns.notes],
    guesses: guessesOf(task, {
      task: resolved,
      files: facts.files,
      ...(label.rule.positive && { positive: label.rule.positive }),
      decimal: decimalCommas(columns.columns),
    }),
    findings: [...sayRepeated(resolved, facts, copies), ...columns.findings],
    contentId: copies === 0 ? undefined : contentOf(resolved, columns.columns),
  };
}

/** Without the label, which a copy may have got later. A digest of what nobody may read would tell it. */
function contentOf({ id, personal }: Task, columns: readonly SpanColumn[]): readonly string[] | undefined {
  if (id !== undefined || Object.keys(personal).length > 0) return undefined;
  return columns.filter(({ table }) => table === undefined).map(({ name }) => name);
}
