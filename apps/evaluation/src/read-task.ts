import type { Metadata } from '@adstocrat/metadata';
import { parseTask } from '@adstocrat/tasks';
import type { Task } from '@adstocrat/tasks';

/** The task of a model, which has its name. Throws where it is not recorded or not valid. */
export async function readTask(metadata: Metadata, model: string): Promise<Task> {
  const record = await metadata.getTask(model);
  if (record === undefined)
    throw new Error(`no task "${model}" is recorded: ingestion records it before the first span`);
  return parseTask(record.resolvedYaml, `task "${model}"`);
}
