import { digestOf } from '@adstocrat/artifact-folders';
import type { ArtifactInfo, ArtifactStore } from '@adstocrat/artifact-store';
import type { Reject } from '@adstocrat/example-engine';
import { InvalidRequest, type PersonalKey, type PersonalKeys } from '@adstocrat/service-kit';
import { dataPart, parseTask, type Task, TaskError } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { lookThrough } from '../data/open-data.ts';
import { TaskObjects } from './task-objects.ts';

export interface IngestRequest {
  readonly taskYaml: string;
  readonly dataUri: string;
}

/** What a task's data is now: objects by name and generation. */
export interface Input {
  readonly task: Task;
  readonly source: ArtifactStore;
  /** The folder or prefix that everything lies in. */
  readonly baseUri: string;
  readonly files: readonly ArtifactInfo[];
  /** In the order of the task's tables. */
  readonly tables: readonly (readonly ArtifactInfo[])[];
  /** Where values of the image column are resolved; undefined without images. */
  readonly imageBaseUri: string | undefined;
  /** Entries among the data that are no objects. */
  readonly leftOut: readonly Reject[];
  /** What a person should know of what is read and what is not. */
  readonly notes: readonly string[];
  /** Makes the pseudonyms of the task's personal columns; undefined where it has none that are hashed. */
  readonly personalKey: PersonalKey | undefined;
  /** sha256 hex over what of the task decides about data, the objects and the personal key's id: the same input is the same span. */
  readonly inputDigest: string;
}

/** The version of what ingestion makes of data: part of the input digest, so that a change of it makes new spans. */
const recipe = 4;

/** Looks at the task's data. Throws {@link InvalidRequest} where the task or the place of its data is wrong. */
export async function findInput(
  { openStore, personalKeys }: Pick<IngestDependencies, 'openStore' | 'personalKeys'>,
  { taskYaml, dataUri }: IngestRequest,
): Promise<Input> {
  const task = readTaskText(taskYaml);
  const leftOut: Reject[] = [];
  const objects = new TaskObjects(task);
  const data = await lookThrough(openStore, dataUri, (object, place) => objects.look(object, place), {
    onLeftOut: (file, reason) => leftOut.push({ file, line: 0, reason }),
  });
  const { store: source, uri: baseUri } = data;
  const { files, tables, imageBaseUri, imagesDigest, notes } = objects.found(data);
  const inputs = [...files, ...tables.flat()].map(({ uri, bytes, generation }) => [uri, bytes, generation]);
  const personalKey = keyFor(task, personalKeys);
  const inputDigest = digestOf({
    recipe,
    task: dataPart(task),
    inputs,
    ...(imagesDigest !== undefined && { images: imagesDigest }),
    ...(personalKey && { personalKey: personalKey.id }),
  });
  return { task, source, baseUri, files, tables, imageBaseUri, leftOut, notes, personalKey, inputDigest };
}

/** Throws {@link InvalidRequest} where the task has columns to hash and there is no key. */
function keyFor({ personal }: Task, { current }: PersonalKeys): PersonalKey | undefined {
  const hashed = Object.keys(personal).find((column) => personal[column] === 'hash');
  if (hashed === undefined || current !== undefined) return hashed === undefined ? undefined : current;
  throw new InvalidRequest(
    `personal: "${hashed}" cannot be hashed without a key: set PERSONAL_KEYS_FILE or PERSONAL_KEYS for ingestion and serving`,
  );
}

function readTaskText(yaml: string): Task {
  try {
    return parseTask(yaml, 'task.yaml');
  } catch (error) {
    if (error instanceof TaskError) throw new InvalidRequest(error.message, { cause: error });
    throw error;
  }
}
