import { PermanentFailure } from '@adstocrat/event-bus';
import type { PersonalRule } from '@adstocrat/examples';
import type { ServableManifest } from '@adstocrat/servables';
import type { Task } from '@adstocrat/tasks';

/** What a servable says of personal columns. Throws a `PermanentFailure` for spans that were not hashed with a key though the task says so. */
export function personalOf({ name, personal }: Task, key: string | undefined): Pick<ServableManifest, 'personal'> {
  const columns: Record<string, PersonalRule> = {};
  for (const column of Object.keys(personal).sort()) {
    const rule = personal[column];
    if (rule !== undefined && rule !== 'drop') columns[column] = rule;
  }
  const hashed = Object.keys(columns).find((column) => columns[column] === 'hash');
  if (hashed !== undefined && key === undefined)
    throw new PermanentFailure(
      `"${hashed}" of task "${name}" is not hashed with a key in the spans to train on: ingest the data again`,
    );
  if (Object.keys(columns).length === 0) return {};
  return { personal: hashed === undefined || key === undefined ? { columns } : { key, columns } };
}
