import type { ScannedFile } from '@adstocrat/example-engine';
import { type GuessedRole, isGuessed, type Task } from '@adstocrat/tasks';

/** Something that a task leaves open and the data told, or did not. */
export interface Guess {
  readonly what: string;
  readonly value: string;
  /** Of task.yaml: what is written there is not guessed. */
  readonly key: string;
}

/** What was decided where the task says nothing. */
export interface Decided {
  /** The task with what the data told. */
  readonly task: Task;
  readonly files: readonly ScannedFile[];
  /** Values of the label that count as positive, once they are known. */
  readonly positive?: readonly string[];
  /** Columns that are read with a decimal comma. */
  readonly decimal?: readonly string[];
}

const delimiterNames: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };
/** Different answers that are named. */
const shown = 3;

/** Everything that was guessed, in the order in which a person asks for it. `written`: the task before anything was told. */
export function guessesOf(written: Task, { task, files, positive, decimal }: Decided): readonly Guess[] {
  const texts = files.filter(({ kind, rows }) => kind !== 'parquet' && rows > 0);
  const tables = texts.filter(({ kind }) => kind === 'csv');
  const { data } = written;
  const role = (what: string, key: GuessedRole, told: string | undefined): Guess | undefined =>
    isGuessed(written, key) ? guess(what, undefined, told, key) : undefined;
  const all: readonly (Guess | undefined)[] = [
    role('id', 'id', task.id),
    role('event time', 'eventTime', task.eventTime),
    task.eventTime === undefined
      ? undefined
      : guess('times written as', written.timeFormat, task.timeFormat, 'timeFormat'),
    isClockTime(task) ? guess('zone of times without one', data.zone, 'UTC', 'data.zone') : undefined,
    role('unit', 'unit', task.unit),
    role('item', 'item', task.item),
    role('image', 'image', task.image && `${task.image.column} below ${task.image.base || '.'}`),
    several(
      'format',
      data.format,
      files.map(({ kind }) => kind),
      'data.format',
    ),
    several(
      'delimiter',
      data.delimiter,
      tables.map(({ format }) => delimiterNames[format.delimiter] ?? ''),
      'data.delimiter',
    ),
    several(
      'encoding',
      data.encoding,
      texts.map(({ format }) => format.encoding),
      'data.encoding',
    ),
    positive && several('positive label', written.positive, positive, 'positive'),
    decimal?.length ? several('decimal comma in', data.decimal, decimal, 'data.decimal') : undefined,
    ...Object.entries(task.features).map(([column, reading]) =>
      guess(JSON.stringify(column), own(written.features, column), `as ${String(reading)}`, `features.${column}`),
    ),
  ];
  return all.filter((one) => one !== undefined);
}

/** Whether its event times may be written without a zone. */
function isClockTime({ eventTime, timeFormat = 'iso-8601' }: Task): boolean {
  return eventTime !== undefined && timeFormat !== 'rfc-2822' && !timeFormat.startsWith('epoch-');
}

/** What is said of a column; nothing that all objects have. */
function own<V>(of: Readonly<Record<string, V>>, column: string): V | undefined {
  return Object.hasOwn(of, column) ? of[column] : undefined;
}

/** Undefined where the task says it. */
function guess(what: string, written: unknown, told: string | undefined, key: string): Guess | undefined {
  return written === undefined ? { what, value: told ?? 'none', key } : undefined;
}

/** As {@link guess}, of what may differ from file to file; undefined also where no file has it. */
function several(what: string, written: unknown, told: readonly string[], key: string): Guess | undefined {
  const different = [...new Set(told)];
  if (written !== undefined || different.length === 0) return undefined;
  const more = different.length > shown ? ` and ${different.length - shown} more` : '';
  return { what, value: `${different.slice(0, shown).join(', ')}${more}`, key };
}
