import { createHash } from 'node:crypto';
import { canonicalJson } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { Task } from '@adstocrat/tasks';
import type { VersionBefore } from '../warm/fetch-before.ts';

/** The version of what training makes of its inputs: part of the run's id, so that a change of it trains anew. */
export const recipe = 18;

/**
 * The same spans, task, recipe and version to begin from are the same run: it is not done twice. But once the files of the version are
 * `removed` that it made: then it is another. 16 hex digits.
 */
export function runIdOf(
  task: Task,
  spans: readonly SpanRecord[],
  { before, removed }: { readonly before?: VersionBefore | undefined; readonly removed?: number | undefined } = {},
): string {
  const { name, label, features, training, item, unit, eventTime, image, personal, knownLater, weight } = task;
  const inputs = {
    recipe,
    name,
    label,
    features,
    training,
    item,
    unit,
    eventTime,
    image,
    personal,
    knownLater,
    weight,
    spans: spans.map(({ digest }) => digest),
    before: before?.digest,
    removed,
  };
  return createHash('sha256').update(canonicalJson(inputs)).digest('hex').slice(0, 16);
}
