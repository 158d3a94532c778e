import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BadData, type ExampleEngine, NoHeaderLine, type ScanResult } from '@adstocrat/example-engine';
import type { JobProgress } from '@adstocrat/jobs';
import { InvalidRequest } from '@adstocrat/service-kit';
import { commentedYaml, parseShare, Task, toleratedByDefault } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { type Guess, guessesOf } from '../plan/guesses.ts';
import { decimalCommas, planColumns } from '../plan/plan-columns.ts';
import { planLabel, UnclearLabel } from '../plan/plan-label.ts';
import { hashGuess } from '../plan/plan-split.ts';
import { sayColumns } from '../plan/say-columns.ts';
import { unfitNames } from './check-names.ts';
import { type DescribedData, describeData } from './describe-data.ts';
import { factsWithFolders } from './facts-with-folders.ts';
import { sayFolders } from './folder-columns.ts';
import { listData } from './list-data.ts';
import { labelByNumber } from './scan-unnamed.ts';
import { scanTables } from './scan-tables.ts';

export interface InferredTask {
  /** With comments for whoever reviews it. */
  readonly taskYaml: string;
  /** What was left out, what was guessed. */
  readonly notes: readonly string[];
  /** What of it was guessed, each with its key. */
  readonly guesses: readonly Guess[];
}

/** Different values of a label that are looked at. */
const labelValues = 1000;

/**
 * Looks at data and writes a task for it. Files that have the label are examples; another one is a table where {@link joinKey} finds
 * a column to join it by; an image column is one whose values name images that are there. Throws {@link InvalidRequest} where
 * no file has the label.
 */
export async function inferTask(
  { openStore, openEngine, workDir, held }: Pick<IngestDependencies, 'openStore' | 'openEngine' | 'workDir' | 'held'>,
  request: { readonly dataUri: string; readonly label: string; readonly name: string },
  onProgress: (progress: JobProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<InferredTask> {
  const { dataUri } = request;
  onProgress({ step: 'look', done: 0, total: 0, unit: 'files' });
  const data = await listData(openStore, dataUri);
  const folder = join(workDir, `infer-${randomUUID()}`);
  const engine = await openEngine({ workDir: folder, ...(signal && { signal }) });
  try {
    const { scans, unread } = await scanTables(engine, data, folder, {
      held,
      label: request.label,
      onProgress,
      signal,
    });
    const notes: string[] = [...data.notes];
    const described = await describeData(engine, data, { scans, unread }, { ...request, notes });
    const { task, largest, labels } = described;
    const { facts, told, folders } = await factsWithFolders(engine, described);
    notes.push(...sayFolders(described.folders, folders));
    const read = planColumns(told.task, { ...facts, tables: [] }, parseShare(toleratedByDefault));
    const { columns } = told.task.data;
    if (columns !== undefined)
      notes.push(
        `no header line: the columns are called by their numbers; call them as you like: what clients send is called so (data.columns)`,
      );
    notes.push(...told.notes, ...read.notes, ...read.findings);
    notes.push(
      ...unfitNames(
        told.task,
        facts.columns.map(({ name }) => name),
      ),
    );
    const question = await labelQuestion(engine, task, largest.scan, labels);
    if (question !== undefined) notes.push(question.asks);
    const written = Task.parse({
      name: told.task.name,
      data: { examples: told.task.data.examples },
      label: told.task.label,
    });
    const guesses = [
      ...(request.name === '' ? [{ what: 'name', value: told.task.name, key: 'name' }] : []),
      ...guessesOf(written, { task: told.task, files: largest.scan.files, decimal: decimalCommas(read.columns) }),
      ...(folders.length === 0
        ? []
        : [{ what: 'columns that names of folders say', value: folders.join(', '), key: 'data.folders' }]),
      ...(told.task.split === undefined ? [] : [hashGuess()]),
    ];
    const atKey = atKeys(guesses);
    const features = [...(atKey['features'] ?? []), ...sayColumns(read.columns, told.task)];
    return {
      taskYaml: commentedYaml(told.task, {
        notes,
        guesses: { ...atKey, features, ...(question && { label: question.lines }) },
      }),
      notes,
      guesses,
    };
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    const advice = error instanceof NoHeaderLine ? `; ${labelByNumber}` : '';
    throw new InvalidRequest(`${error.message}${advice}`, { cause: error });
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A sentence for each key of task.yaml that something was guessed at or below. */
function atKeys(guesses: readonly Guess[]): Readonly<Record<string, readonly string[]>> {
  const byKey = Map.groupBy(guesses, ({ key }) => key.split('.')[0] ?? key);
  return Object.fromEntries(
    [...byKey].map(([key, ofKey]) => [
      key,
      [`guessed: ${ofKey.map(({ what, value }) => `${what} ${value}`).join(', ')}`],
    ]),
  );
}

/** What only whoever brings the data can say of its label, and the key that says it, as lines of a comment. Undefined where it is plain. */
async function labelQuestion(
  engine: ExampleEngine,
  task: Task,
  { table, columns }: ScanResult,
  known: DescribedData['labels'],
): Promise<{ readonly asks: string; readonly lines: readonly string[] } | undefined> {
  try {
    const labels = known ?? (await engine.vocabulary(table, task.label, { limit: labelValues }));
    const { empty } = columns.find(({ name }) => name === task.label)?.cells ?? { empty: 0 };
    planLabel(task, labels, parseShare(toleratedByDefault), empty);
  } catch (error) {
    if (!(error instanceof UnclearLabel)) throw error;
    const asks = error.message;
    return { asks, lines: [asks, error.line] };
  }
  return undefined;
}
