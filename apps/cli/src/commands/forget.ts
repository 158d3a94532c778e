import { openArtifactStore, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import { canonicalText } from '@adstocrat/examples';
import type { feedback, ingestion } from '@adstocrat/schemas';
import { Person } from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';
import { Pace } from '../pace.ts';
import { createProgress, type Progress } from '../progress.ts';
import { callWhenUp, watch } from '../system/calls.ts';
import { personalKeys } from './keys.ts';
import { systemFor, type SystemChoice, type SystemInUse } from './system-for.ts';

export interface ForgetOptions extends SystemChoice {
  readonly column: string;
  readonly value: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What no command reaches, and where it is to be looked for. */
const outOfReach: readonly string[] = [
  'the files that the data came from: take the rows out there too, a new span of them would have them again',
  'rows that a server has answered and not yet told: its prediction log holds them for a minute or so; run this again after it',
  'rows that the bus refused, in prediction-log/refused*.jsonl of a server’s work folder: remove those files',
  'rows that are stored for batches, files that batches were given, and their results: they go after BATCH_KEEP (7 days)',
  'data that is being ingested at this moment: run this again when that has ended',
  'copies that a training run works on: they go when it ends',
  'names of images that could not be taken in, in the rejects of a span',
  'backups, and what a Kafka broker keeps until its retention is over',
];

/**
 * Takes a person's rows out of everything that the system keeps, and says which models and reports saw them: those are not changed. The
 * value itself is sent where it may stand as it is, and is neither logged nor kept. Killed, or asked again, it goes on where it was.
 */
export async function forget(options: ForgetOptions): Promise<void> {
  const { column, value, dryRun = false, json } = options;
  if (column === '' || value === '') throw new ExitError(2, '--column and --value must not be empty');
  const person = Person.of(column, value, personalKeys(options.home), canonicalText);
  const request = { column, forms: [...person.forms], dryRun };
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  progress.update('predictions', 0, 0);
  // In the order in which rows move: what one service has let go of cannot come to the next any more.
  const joined = await callWhenUp<feedback.ForgetResponse>((done) => system.clients.feedback.forget(request, done), {
    withinMs: 600_000,
  });
  const { places, witnesses } = await forgetInSpans(system, request, progress);
  progress.rest();
  const all = [...joined.places, ...places];
  const rows = all.reduce((sum, { found }) => sum + found, 0);
  const left = all.reduce((sum, one) => sum + one.left, 0);
  if (json === true) console.log(JSON.stringify({ dryRun, places: all, witnesses, outOfReach }));
  else {
    for (const one of all)
      console.log(`${one.place}: ${one.found} found${one.left > 0 ? `, ${one.left} left: ${one.why}` : ', gone'}`);
    for (const one of witnesses) console.log(lineOf(one));
    if (rows === 0) console.log(`nothing here holds a row whose ${column} is that value`);
    for (const sentence of outOfReach) console.log(`not looked at: ${sentence}`);
  }
  // A name that is misspelt must not pass for a person of whom nothing is kept.
  if (rows === 0) assertKept(column, await keptColumns(system));
  if (!dryRun && left > 0)
    throw new ExitError(1, `${left} of what was found is left, for the reasons above: run this again`);
}

/** Columns of the newest span of each task. */
async function keptColumns({ databaseUrl, artifactsUrl }: SystemInUse): Promise<readonly string[]> {
  const metadata = await openMetadata(databaseUrl);
  try {
    const store = await openArtifactStore(artifactsUrl);
    const names = new Set<string>();
    for (const { name } of await metadata.listTasks()) {
      const newest = (await metadata.listSpans(name)).at(-1);
      if (newest === undefined) continue;
      const { columns } = await readJson<DataSchema>(store, joinUri(newest.uri, 'data-schema.json'));
      for (const column of columns) names.add(column.name);
    }
    return [...names];
  } finally {
    await metadata.close();
  }
}

/** Throws {@link ExitError} for a column that no data here has. */
export function assertKept(column: string, kept: readonly string[]): void {
  if (kept.length === 0 || kept.includes(column)) return;
  const near = kept.find((one) => one.toLowerCase() === column.toLowerCase());
  const shown = `${kept.slice(0, 60).join(', ')}${kept.length > 60 ? ', …' : ''}`;
  throw new ExitError(
    1,
    `no data here has a column "${column}"${near === undefined ? '' : `; did you mean "${near}"?`}: nobody can be found by it. Columns: ${shown}. One that personal drops is kept nowhere`,
  );
}

async function forgetInSpans(
  system: SystemInUse,
  request: ingestion.ForgetRequest,
  progress: Progress,
): Promise<ingestion.ForgetResult> {
  const pace = new Pace();
  for await (const message of watch(() => system.clients.ingestion.forget(request))) {
    if (message.result !== undefined) return message.result;
    if (message.progress === undefined) continue;
    const { step, done, total } = message.progress;
    progress.update(step, done, total, pace.say(message.progress, performance.now()));
  }
  throw new ExitError(1, 'ingestion ended without saying what was forgotten; see its log');
}

function lineOf({ model, version, state, files }: ingestion.Witness): string {
  const named = files.length === 0 ? '' : `; named in ${files.join(', ')}`;
  return `model ${model} version ${version} (${state}) saw the rows, or names the person, and is as it was${named}: train a new one, and remove what is no longer in service`;
}
