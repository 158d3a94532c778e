import { type IncomingEvent, PermanentFailure } from '@adstocrat/event-bus';
import type { Jobs } from '@adstocrat/jobs';
import type { VersionRegistry } from '@adstocrat/metadata';
import type { events } from '@adstocrat/schemas';
import { takeTurn } from './take-turn.ts';

export interface AcceptCandidateOptions {
  readonly jobs: Jobs;
  readonly metadata: VersionRegistry;
  readonly nowMs: () => number;
}

/**
 * Takes what training made into the registry, to be evaluated when it is its turn. A version that is there already is left as it
 * is: an event delivered again changes nothing. Throws a {@link PermanentFailure} on an event that names no version.
 */
export async function acceptCandidate(
  options: AcceptCandidateOptions,
  { event }: Pick<IncomingEvent<events.ModelTrained>, 'event'>,
): Promise<void> {
  const { jobs, metadata, nowMs } = options;
  const { model, version, uri, digest, runId, spans } = event;
  if (model === '' || uri === '' || runId === '' || !(version >= 1) || spans.length === 0) {
    throw new PermanentFailure(
      `model.trained must name model, version, uri, run and spans, got "${model}", ${version}, "${uri}", "${runId}", [${spans.join(', ')}]`,
    );
  }
  await jobs.transaction(async (transaction) => {
    await metadata.lockModel(model, transaction);
    const candidate = {
      model,
      version,
      uri,
      digest,
      runId,
      spans,
      state: 'waiting',
      blessed: false,
      reasons: [],
      updatedAtMs: nowMs(),
    } as const;
    await metadata.addVersion(candidate, transaction);
    await takeTurn(options, transaction, model);
  });
}
