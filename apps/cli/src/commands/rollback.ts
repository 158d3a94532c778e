import type { evaluation } from '@adstocrat/schemas';
import { callWhenUp } from '../system/calls.ts';
import { systemFor, type SystemChoice } from './system-for.ts';
import { waitUntilServed } from './wait-until-served.ts';

export interface RollbackOptions extends SystemChoice {
  readonly model: string;
  /** Left out: the stable version before the one that serves. */
  readonly version?: number;
  readonly reason?: string;
}

/** Puts an earlier blessed version into service at once, for all traffic, and waits until all servers have it. Ends a rollout in progress. */
export async function rollback(options: RollbackOptions): Promise<void> {
  const { model, version = 0, reason = 'asked for by a person' } = options;
  await using system = await systemFor(options);
  const { stableVersion } = await callWhenUp<evaluation.RollBackResponse>((done) =>
    system.clients.evaluation.rollBack({ model, version, reason }, done),
  );
  await waitUntilServed(system.clients, model, stableVersion);
  console.log(`version ${stableVersion} of ${model} serves everyone`);
}
