import { digestOf } from '@adstocrat/artifact-folders';
import { type ArtifactInfo, type ArtifactStore, childUri, joinUri } from '@adstocrat/artifact-store';
import type { Reject } from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import { parseTask, type Task, TaskError } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { exampleFiles, listData, openSource } from '../data/find-files.ts';
import { leftOutNotes } from '../data/left-out.ts';

export interface IngestRequest {
  readonly taskYaml: string;
  readonly dataUri: string;
}

/** What a task's data is now: objects by name and generation. */
export interface Input {
  readonly task: Task;
  readonly source: ArtifactStore;
  readonly files: readonly ArtifactInfo[];
  /** In the order of the task's tables. */
  readonly tables: readonly (readonly ArtifactInfo[])[];
  /** Where values of the image column are resolved; undefined without images. */
  readonly imageBaseUri: string | undefined;
  /** Entries among the data that are no objects. */
  readonly leftOut: readonly Reject[];
  /** What a person should know of what is read and what is not. */
  readonly notes: readonly string[];
  /** sha256 hex over the task and the objects: the same input is the same span. */
  readonly inputDigest: string;
}

/** The version of what ingestion makes of data: part of the input digest, so that a change of it makes new spans. */
const recipe = 2;

/** Looks at the task's data. Throws {@link InvalidRequest} where the task or the place of its data is wrong. */
export async function findInput(
  { openStore }: Pick<IngestDependencies, 'openStore'>,
  { taskYaml, dataUri }: IngestRequest,
): Promise<Input> {
  const task = readTaskText(taskYaml);
  const source = await openSource(openStore, dataUri);
  const leftOut: Reject[] = [];
  const objects = await listData(source, dataUri, {
    onLeftOut: (file, reason) => leftOut.push({ file, line: 0, reason }),
  });
  const tables = task.data.tables.map(({ path }) => exampleFiles(objects, dataUri, [path]));
  const tableUris = new Set(tables.flat().map(({ uri }) => uri));
  const files = exampleFiles(objects, dataUri, task.data.examples).filter(({ uri }) => !tableUris.has(uri));
  const imageBaseUri = task.image === undefined ? undefined : imageBase(dataUri, task.image.base);
  const rows = new Set([...files, ...tables.flat()].map(({ uri }) => uri));
  const images =
    imageBaseUri === undefined ? [] : objects.filter(({ uri }) => uri.startsWith(imageBaseUri) && !rows.has(uri));
  const inputs = [...files, ...tables.flat(), ...images].map(({ uri, bytes, generation }) => [uri, bytes, generation]);
  const notes = leftOutNotes(objects, dataUri, rows);
  return { task, source, files, tables, imageBaseUri, leftOut, notes, inputDigest: digestOf({ recipe, task, inputs }) };
}

function readTaskText(yaml: string): Task {
  try {
    return parseTask(yaml, 'task.yaml');
  } catch (error) {
    if (error instanceof TaskError) throw new InvalidRequest(error.message, { cause: error });
    throw error;
  }
}

/** Where the task's images lie: below the data. */
function imageBase(dataUri: string, base: string): string {
  if (/^[./]*$/.test(base) && !base.includes('..')) return joinUri(dataUri, '/');
  const uri = childUri(dataUri, base);
  if (uri === undefined)
    throw new InvalidRequest(`image.base: "${base}" must be a folder below the data, written as a relative path`);
  return `${uri}/`;
}
