import { parseTask, type Task } from '@adstocrat/tasks';
import type { Tasks } from './metadata.ts';

/** The resolved task of this name, which its model shares. Throws a `RangeError` where none is recorded, `TaskError` where it is not valid. */
export async function readTask(metadata: Tasks, name: string): Promise<Task> {
  const record = await metadata.getTask(name);
  if (record === undefined)
    throw new RangeError(`no task "${name}" is recorded: ingestion records it with its first span`);
  return parseTask(record.resolvedYaml, `task "${name}"`);
}
