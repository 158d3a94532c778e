import type { Jobs, Transaction } from '@adstocrat/jobs';
import type { VersionRegistry } from '@adstocrat/metadata';
import type { VersionState } from '@adstocrat/rollouts';
import { evaluateKind, jobKeyOf } from '../work-kinds.ts';

/** States of a version that others of its model wait for. */
const underway: readonly VersionState[] = ['evaluating', 'blessed', 'shadow', 'canary'];

/**
 * Has the oldest waiting version of a model evaluated, if none of it is underway: candidates of a model go one after the other, each
 * compared with what the one before it left in service. In every transaction that adds a version or settles one; it must hold the
 * model's lock.
 */
export async function takeTurn(
  { jobs, metadata, nowMs }: { readonly jobs: Jobs; readonly metadata: VersionRegistry; readonly nowMs: () => number },
  transaction: Transaction,
  model: string,
): Promise<void> {
  const [busy] = await metadata.versionsIn(model, underway, 1, transaction);
  if (busy !== undefined) return;
  const [next] = await metadata.versionsIn(model, ['waiting'], 1, transaction);
  if (next === undefined) return;
  const change = { state: 'evaluating', updatedAtMs: nowMs() } as const;
  await metadata.updateVersion(model, next.version, 'waiting', change, transaction);
  const payload = { model, version: next.version };
  // One that was refused before is judged by a job of its own.
  const key = next.reasons.length === 0 ? jobKeyOf(payload) : `${jobKeyOf(payload)}/${next.updatedAtMs}`;
  await jobs.request({ kind: evaluateKind, key, payload, by: next.runId }, transaction);
}
