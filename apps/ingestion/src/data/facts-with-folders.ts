import type { ExampleEngine, ScanResult } from '@adstocrat/example-engine';
import { QuantileSketch } from '@adstocrat/statistics';
import { parseShare, type Task, toleratedByDefault } from '@adstocrat/tasks';
import type { TimesOf } from '../plan/event-times.ts';
import { inferId } from '../plan/plan-id.ts';
import { timeProbabilities } from '../plan/plan-split.ts';
import { planTime, timeFormatsOf } from '../plan/plan-time.ts';
import { copiesAmong, mayRepeat } from '../plan/repeated-rows.ts';
import { sayFiles } from '../plan/say-files.ts';
import type { SpanFacts } from '../plan/span-facts.ts';
import type { DescribedData } from './describe-data.ts';
import { areDaysOf, areWordsOf } from './folder-columns.ts';

/** What a span's plan asks of rows, beyond their cells. */
async function factsOf(
  engine: ExampleEngine,
  task: Task,
  { table, columns, rows, files }: ScanResult,
): Promise<Pick<SpanFacts, 'columns' | 'rows' | 'files' | 'different' | 'timesOf'>> {
  const names = columns.map(({ name }) => name).toSorted();
  const different = mayRepeat(task, columns, false)
    ? await engine.countDistinct(await engine.hashRows(table, names), 'h')
    : undefined;
  const times = new Map<string, readonly number[]>();
  for (const time of timeFormatsOf(task, columns)) {
    const sketch = QuantileSketch.from([await engine.times(table, time)]);
    if (sketch.count > 0) times.set(JSON.stringify([time.column, time.format]), sketch.quantiles(timeProbabilities));
  }
  const timesOf: TimesOf = ({ column, format }) => times.get(JSON.stringify([column, format])) ?? [];
  return { columns, rows, files, different, timesOf };
}

/**
 * What the largest file tells, with columns that its folders say: the label, words that rows may be told by, and days where nothing else says
 * when an event happened. `folders`: those columns.
 */
export async function factsWithFolders(
  engine: ExampleEngine,
  { task, largest, folders }: DescribedData,
): Promise<{
  readonly facts: Awaited<ReturnType<typeof factsOf>>;
  readonly told: ReturnType<typeof resolved>;
  readonly folders: readonly string[];
}> {
  const others = folders.filter(({ name }) => name !== task.label);
  const words = others.filter(areWordsOf).map(({ name }) => name);
  const days = others.filter(areDaysOf).map(({ name }) => name);
  const alongside = (names: readonly string[]): ScanResult => ({
    ...largest.scan,
    columns: [...largest.scan.columns, ...largest.folderColumns.filter(({ name }) => names.includes(name))],
  });
  const all = await factsOf(engine, task, alongside([...words, ...days]));
  let read = words;
  let told = resolved(task, { ...all, columns: alongside(read).columns });
  if (told.task.eventTime === undefined && days.length > 0) {
    const timed = resolved(task, all);
    const time = days.find((name) => name === timed.task.eventTime);
    if (time !== undefined) {
      read = [...words, time];
      told = resolved(task, { ...all, columns: alongside(read).columns });
    }
  }
  const columns = [...folders.filter(({ name }) => name === task.label).map(({ name }) => name), ...read];
  const { data } = told.task;
  return {
    facts: { ...all, columns: alongside(read).columns },
    told: columns.length === 0 ? told : { ...told, task: { ...told.task, data: { ...data, folders: [...columns] } } },
    folders: columns,
  };
}

/** The task with what the data tells of its event time, its id and its split. */
function resolved(
  task: Task,
  facts: Awaited<ReturnType<typeof factsOf>>,
): { readonly task: Task; readonly notes: readonly string[] } {
  const { columns, rows, files } = facts;
  const { time, notes } = planTime(task, columns, rows, parseShare(toleratedByDefault), facts.timesOf);
  const timed = time === undefined ? task : { ...task, eventTime: time.column, timeFormat: time.format };
  const id = inferId(timed, columns, copiesAmong(task, facts));
  return {
    task: {
      ...timed,
      ...(id === undefined ? {} : { id: id.column }),
      ...(time === undefined ? { split: { by: 'hash', test: '20%', validation: '10%' } } : {}),
    },
    notes: [...sayFiles(task, files), ...notes, ...(id?.notes ?? [])],
  };
}
