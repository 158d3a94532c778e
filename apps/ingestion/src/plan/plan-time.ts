import { BadData } from '@adstocrat/example-engine';
import { digitFormats, isShortYear, type TimeFormat, Zone } from '@adstocrat/examples';
import type { ColumnFacts } from '@adstocrat/statistics';
import { columnsKnownLater, isGuessed, type Task } from '@adstocrat/tasks';
import { areCleanTimes } from './clean-cells.ts';
import { unreadTime } from './unread-times.ts';
import { areDays, type TimesOf, whyNoEvents } from './event-times.ts';
import { mayBeYearFirst, whyDoubtful } from './short-years.ts';
import { hasShortYears, isUnsettled, orders, possibleTimes, type Reading, readingOf } from './time-reading.ts';

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

/** Eight digits may be a code: fewer different ones are not taken for hours, unless the task says so. */
const fewestHours = 24;

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
  if (task.eventTime !== undefined) return declared(task, task.eventTime, columns, rows, timesOf);
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
  const notes = readings.flatMap(({ name, format }) => {
    if (!isUnsettled(format)) return [];
    const [one, other] = orders[format];
    return `"${name}" holds dates whose day and month cannot be told apart: for an event time write eventTime: ${name} and timeFormat: ${one} (or ${other}) into task.yaml`;
  });
  const timesIn = ({ name, format }: Reading): readonly number[] =>
    isUnsettled(format) ? [] : timesOf({ column: name, format });
  const doubts: string[] = [];
  const clear = readings.filter((reading) => {
    if (isUnsettled(reading.format)) return false;
    const facts = columns.find(({ name }) => name === reading.name);
    const doubt = facts && whyDoubtful(facts, reading, timesIn(reading));
    if (doubt !== undefined) {
      doubts.push(
        `"${reading.name}" looks like ${reading.format} and is not taken for the event time: ${doubt} (task.yaml: eventTime: ${reading.name} and timeFormat: ${reading.format} take it all the same)`,
      );
      return false;
    }
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
  if (best === undefined || isUnsettled(best.format)) {
    notes.push(...doubts);
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
    .flatMap((facts): readonly PlannedTime[] => {
      const { name, rows } = facts;
      if (task.eventTime !== undefined && task.timeFormat !== undefined)
        return [withCleanness({ column: name, format: task.timeFormat }, columns)];
      const due = task.eventTime === undefined ? rows / 2 : 1;
      return possibleTimes(facts)
        .filter(([, times]) => times > 0 && times >= due)
        .map(([format]) => withCleanness({ column: name, format }, columns));
    });
}

function declared(
  { timeFormat: format, data: { zone } }: Pick<Task, 'timeFormat' | 'data'>,
  name: string,
  columns: readonly ColumnFacts[],
  rows: number,
  timesOf: TimesOf,
): TimePlan {
  if (format !== undefined) return { time: { column: name, format }, notes: [] };
  const facts = columns.find((one) => one.name === name);
  // A column of a joined table, or none: said elsewhere.
  if (facts === undefined) return { time: undefined, notes: [] };
  const reading = readingOf(facts, 0.5);
  const found = reading?.format;
  if (found !== undefined && isUnsettled(found))
    throw new BadData(
      `eventTime: day and month cannot be told apart in column "${name}", for example "${facts.examples[found] ?? ''}": write timeFormat: ${orders[found].join(' or ')} into task.yaml`,
    );
  if (reading === undefined || found === undefined || 2 * reading.times < rows) {
    const [example] = Object.values(facts.examples);
    throw new BadData(
      `eventTime: column "${name}" holds no times of one known format, for example "${example ?? ''}": write timeFormat into task.yaml, name another column, or eventTime: none where rows have no time`,
    );
  }
  if (hasShortYears(reading, facts.cells) && mayBeYearFirst(timesOf({ column: name, format: found })))
    throw new BadData(
      `eventTime: column "${name}" looks like ${found}, but may have its year first, which in two digits is not read: write timeFormat: ${found} into task.yaml where it has not, else years of four digits into the data`,
    );
  const notes =
    found === 'iso-8601' ? [] : [`event time: "${name}", read as ${said(found, zone)} (task.yaml: timeFormat)`];
  return { time: { column: name, format: found }, notes };
}

function isOfDigits(format: Reading['format']): boolean {
  return (digitFormats as readonly string[]).includes(format);
}

function said(format: TimeFormat, zone = 'UTC'): string {
  if (format === 'iso-8601') return `ISO 8601, ${zone} where no zone is written`;
  if (format.startsWith('epoch-')) return `${format.slice(6)} since 1970`;
  if (format === 'rfc-2822') return 'RFC 2822';
  return `${format}${isShortYear(format) ? ', two digits for the years 1970 to 2069' : ''}, ${zone}`;
}
