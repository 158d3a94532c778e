import { BadData } from '@adstocrat/example-engine';
import { digitFormats, type TimeFormat, writtenFormats, Zone } from '@adstocrat/examples';
import type { ColumnFacts } from '@adstocrat/statistics';
import { columnsKnownLater, isGuessed, type Task } from '@adstocrat/tasks';
import { areCleanTimes } from './clean-cells.ts';
import { unreadTime } from './unread-times.ts';
import { areDays, type TimesOf, whyNoEvents } from './event-times.ts';

export interface PlannedTime {
  readonly column: string;
  readonly format: TimeFormat;
  /** Of times that are written without one; absent: UTC. */
  readonly zone?: Zone;
  /** Every cell is empty or one. */
  readonly isClean?: boolean;
}

export interface TimePlan {
  /** Undefined: the examples have no event time. */
  readonly time: PlannedTime | undefined;
  readonly notes: readonly string[];
}

/** A cell in them says which is the day and which the month. */
const clearFormats = writtenFormats.filter((format) => format !== 'dd/mm/yyyy' && format !== 'mm/dd/yyyy');

/** Eight digits may be a code: fewer different ones are not taken for hours, unless the task says so. */
const fewestHours = 24;

/** A column's cells as times: the format that most have, and how many do. */
interface Reading {
  readonly name: string;
  readonly format: TimeFormat | 'either';
  readonly times: number;
  readonly distinct: number;
}

/**
 * The event time and how it is written. Declared, or inferred: the column that is a time in every row, but for the tolerated share; a
 * written one before one of digits; of several one with times of day, then the one with the most different times, then the first. None
 * whose times hardly are those of events (see `whyNoEvents`), and none where the task wants none. Throws {@link BadData} where the declared column holds no times, or dates that may be read in two ways.
 */
export function planTime(
  task: Pick<
    Task,
    | 'label'
    | 'data'
    | 'eventTime'
    | 'notGuessed'
    | 'timeFormat'
    | 'features'
    | 'id'
    | 'unit'
    | 'item'
    | 'personal'
    | 'knownLater'
    | 'weight'
  >,
  columns: readonly ColumnFacts[],
  rows: number,
  tolerate: number,
  timesOf: TimesOf = () => [],
): TimePlan {
  const { time, notes } = planFormat(task, columns, { rows, tolerate, timesOf });
  const { zone } = task.data;
  if (time === undefined) return { time, notes };
  const found = withCleanness(time, columns);
  return { time: zone === undefined ? found : { ...found, zone: Zone.of(zone) }, notes };
}

function withCleanness(time: PlannedTime, columns: readonly ColumnFacts[]): PlannedTime {
  const facts = columns.find(({ name }) => name === time.column);
  return facts !== undefined && areCleanTimes(facts, time.format) ? { ...time, isClean: true } : time;
}

function planFormat(
  task: Parameters<typeof planTime>[0],
  columns: readonly ColumnFacts[],
  { rows, tolerate, timesOf }: { readonly rows: number; readonly tolerate: number; readonly timesOf: TimesOf },
): TimePlan {
  if (task.eventTime !== undefined) return declared(task.eventTime, task.timeFormat, columns, rows, task.data.zone);
  if (!isGuessed(task, 'eventTime')) return { time: undefined, notes: [] };
  const named = new Set([
    task.label,
    task.id,
    task.unit,
    task.item,
    ...columnsKnownLater(task),
    ...Object.keys(task.features),
    ...Object.keys(task.personal),
  ]);
  const due = rows - Math.max(1, Math.floor(tolerate * rows));
  const readings = columns
    .filter(({ name }) => !named.has(name))
    .flatMap((facts) => readingOf(facts, tolerate) ?? [])
    .filter(
      ({ format, times, distinct }) => times >= Math.max(1, due) && (format !== 'yymmddhh' || distinct >= fewestHours),
    );
  const unclear = readings.filter(({ format }) => format === 'either');
  const notes = unclear.map(
    ({ name }) =>
      `"${name}" holds dates whose day and month cannot be told apart: for an event time write eventTime: ${name} and timeFormat: dd/mm/yyyy (or mm/dd/yyyy) into task.yaml`,
  );
  const timesIn = ({ name, format }: Reading): readonly number[] =>
    format === 'either' ? [] : timesOf({ column: name, format });
  const found = readings.filter(({ format }) => format !== 'either');
  const clear = found.filter((reading) => {
    const why = whyNoEvents(timesIn(reading));
    if (why === undefined) return true;
    notes.push(
      `"${reading.name}" is not taken for the event time: ${why} (task.yaml: eventTime: ${reading.name} takes it all the same)`,
    );
    return false;
  });
  const written = clear.filter(({ format }) => !isOfDigits(format));
  const ofOneKind = written.length > 0 ? written : clear;
  const ofDay = ofOneKind.filter((reading) => !areDays(timesIn(reading)));
  const candidates = (ofDay.length > 0 ? ofDay : ofOneKind).toSorted((a, b) => b.distinct - a.distinct);
  const [best] = candidates;
  if (best === undefined || best.format === 'either') {
    for (const facts of columns) {
      const cell = named.has(facts.name) ? undefined : unreadTime(facts);
      if (cell !== undefined)
        notes.push(
          `"${facts.name}" seems to hold times, as ${JSON.stringify(cell)}, in no format that is read: for an event time write them as 2026-01-31T10:20:30Z (docs/data.md has the formats)`,
        );
    }
    return { time: undefined, notes };
  }
  const others = clear.filter(({ name }) => name !== best.name).map(({ name }) => `"${name}"`);
  const why =
    others.length === 0
      ? ''
      : `, not ${others.join(', ')}: of several times one with a time of day, of those the one with the most different values`;
  return {
    time: { column: best.name, format: best.format },
    notes: [
      `event time: "${best.name}", read as ${said(best.format, task.data.zone)}${why} (task.yaml: eventTime; where rows have none, eventTime: none)`,
      ...notes,
    ],
  };
}

/**
 * Columns of a part of the rows, with the formats, that {@link planTime} may find to be the event time once it knows all rows: what half
 * of the part's cells look like, or what the task says.
 */
export function timeFormatsOf(
  task: Pick<Task, 'label' | 'eventTime' | 'notGuessed' | 'timeFormat'>,
  columns: readonly ColumnFacts[],
): readonly PlannedTime[] {
  if (task.eventTime === undefined && !isGuessed(task, 'eventTime')) return [];
  return columns
    .filter(({ name }) => name !== task.label && (task.eventTime === undefined || name === task.eventTime))
    .flatMap(({ name, rows, cells, digitTimes }): readonly PlannedTime[] => {
      if (task.eventTime !== undefined && task.timeFormat !== undefined)
        return [withCleanness({ column: name, format: task.timeFormat }, columns)];
      const due = task.eventTime === undefined ? rows / 2 : 1;
      const slashed = cells['dd/mm/yyyy'] + cells['mm/dd/yyyy'] + cells.slashed;
      const found: readonly (readonly [format: TimeFormat, times: number])[] = [
        ...clearFormats.map((format) => [format, cells[format]] as const),
        ['dd/mm/yyyy', slashed],
        ['mm/dd/yyyy', slashed],
        ...digitFormats.map((digits) => [digits, digitTimes[digits]] as const),
      ];
      return found
        .filter(([, times]) => times > 0 && times >= due)
        .map(([format]) => withCleanness({ column: name, format }, columns));
    });
}

function declared(
  name: string,
  format: TimeFormat | undefined,
  columns: readonly ColumnFacts[],
  rows: number,
  zone: string | undefined,
): TimePlan {
  if (format !== undefined) return { time: { column: name, format }, notes: [] };
  const facts = columns.find((one) => one.name === name);
  // A column of a joined table, or none: said elsewhere.
  if (facts === undefined) return { time: undefined, notes: [] };
  const reading = readingOf(facts, 0.5);
  if (reading?.format === 'either')
    throw new BadData(
      `eventTime: day and month cannot be told apart in column "${name}", for example "${facts.examples.slashed ?? ''}": write timeFormat: dd/mm/yyyy or mm/dd/yyyy into task.yaml`,
    );
  if (reading === undefined || 2 * reading.times < rows) {
    const [example] = Object.values(facts.examples);
    throw new BadData(
      `eventTime: column "${name}" holds no times of one known format, for example "${example ?? ''}": write timeFormat into task.yaml, name another column, or eventTime: none where rows have no time`,
    );
  }
  const notes =
    reading.format === 'iso-8601'
      ? []
      : [`event time: "${name}", read as ${said(reading.format, zone)} (task.yaml: timeFormat)`];
  return { time: { column: name, format: reading.format }, notes };
}

/** The format of a column's times; undefined where it has none. `minority`: share that may be written the other way round. */
function readingOf({ name, cells, digitTimes, distinct }: ColumnFacts, minority: number): Reading | undefined {
  const [days, months] = [cells['dd/mm/yyyy'], cells['mm/dd/yyyy']];
  const slashed = days + months + cells.slashed;
  const clear =
    Math.max(days, months) > 0 && Math.min(days, months) <= Math.max(1, minority * slashed) && days !== months;
  const found: readonly (readonly [format: Reading['format'], times: number])[] = [
    ...clearFormats.map((format) => [format, cells[format]] as const),
    [clear ? (days > months ? 'dd/mm/yyyy' : 'mm/dd/yyyy') : 'either', slashed - (clear ? Math.min(days, months) : 0)],
    ...digitFormats.map((digits) => [digits, digitTimes[digits]] as const),
  ];
  const [best] = found.toSorted(([, a], [, b]) => b - a);
  return best === undefined || best[1] === 0 ? undefined : { name, format: best[0], times: best[1], distinct };
}

function isOfDigits(format: Reading['format']): boolean {
  return (digitFormats as readonly string[]).includes(format);
}

function said(format: TimeFormat, zone = 'UTC'): string {
  if (format === 'iso-8601') return `ISO 8601, ${zone} where no zone is written`;
  if (format.startsWith('epoch-')) return `${format.slice(6)} since 1970`;
  return format === 'rfc-2822' ? 'RFC 2822' : `${format}, ${zone}`;
}
