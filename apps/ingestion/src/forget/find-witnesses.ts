import { ArtifactNotFound, type ArtifactStore, readText } from '@adstocrat/artifact-store';
import type { SpanRecord, VersionRecord, Versions } from '@adstocrat/metadata';
import type { Person } from '@adstocrat/service-kit';

/** A version that was trained or judged on a person's rows, or that shows the person. */
export interface Witness {
  readonly model: string;
  readonly version: number;
  readonly state: string;
  /** Files of its servable and of its evaluation in which the person is named. */
  readonly files: readonly string[];
}

/** Files that hold words: a model's weights hold numbers. */
const worded = /\.(json|html|csv|txt|md|yaml)$/;

/** Versions of all models that saw one of these spans, or in whose files the person stands. */
export async function findWitnesses(
  { metadata, store }: { readonly metadata: Versions; readonly store: ArtifactStore },
  person: Person,
  spans: readonly Pick<SpanRecord, 'task' | 'span'>[],
  models: readonly string[],
): Promise<readonly Witness[]> {
  const found: Witness[] = [];
  for (const model of models) {
    const seen = new Set(spans.filter(({ task }) => task === model).map(({ span }) => span));
    for (const record of await metadata.listVersions(model)) {
      const files = await filesNaming(store, record, person);
      if (files.length > 0 || record.spans.some((span) => seen.has(span)))
        found.push({ model, version: record.version, state: record.state, files });
    }
  }
  return found;
}

async function filesNaming(store: ArtifactStore, record: VersionRecord, person: Person): Promise<readonly string[]> {
  const folders = [
    record.uri,
    ...(record.evaluationUri === undefined ? [] : [record.evaluationUri.replace(/\/[^/]*$/, '')]),
  ];
  const naming: string[] = [];
  for (const folder of new Set(folders)) naming.push(...(await namingIn(store, folder, person)));
  return naming;
}

/** A folder that is gone names nobody. */
async function namingIn(store: ArtifactStore, folder: string, person: Person): Promise<readonly string[]> {
  const naming: string[] = [];
  try {
    for await (const { uri } of store.list(`${folder}/`))
      if (worded.test(uri) && person.isIn(await readText(store, uri))) naming.push(uri);
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  return naming;
}
