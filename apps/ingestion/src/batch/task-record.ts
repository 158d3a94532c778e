import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { SpanRecord, TaskRecord } from '@adstocrat/metadata';
import { type Task, taskYaml } from '@adstocrat/tasks';
import { checkColumns } from '../data/check-columns.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import type { IngestRequest } from './find-input.ts';

/** What the registry has of a task that was asked for: as written, and resolved. */
export function taskRecord({ taskYaml: yaml, dataUri }: IngestRequest, resolved: Task): TaskRecord {
  return { name: resolved.name, yaml, resolvedYaml: taskYaml(resolved), dataUri, updatedAtMs: Date.now() };
}

/**
 * A task that has a span which is there already, as the registry has it: keys that do not touch the data may have changed since. Throws
 * InvalidRequest where they name columns that the span has not. Undefined where nothing has changed.
 */
export async function changedTask(
  { metadata, openStore }: Pick<IngestDependencies, 'metadata' | 'openStore'>,
  request: IngestRequest,
  task: Task,
  span: SpanRecord,
): Promise<TaskRecord | undefined> {
  const record = taskRecord(request, { ...task, ...span.told });
  const before = await metadata.getTask(task.name);
  const isSame =
    before?.yaml === record.yaml && before.resolvedYaml === record.resolvedYaml && before.dataUri === record.dataUri;
  if (isSame) return undefined;
  const { columns } = await readJson<DataSchema>(await openStore(span.uri), joinUri(span.uri, 'data-schema.json'));
  // What is dropped is in no span.
  checkColumns(
    { ...task, personal: {} },
    columns.map(({ name }) => name),
  );
  return record;
}
