import type { IncomingEvent } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import type { events } from '@adstocrat/schemas';

/**
 * Takes what training made into the registry, to be evaluated. A version that is there already is left as it is: an event
 * delivered again changes nothing. Throws on an event that names no version, which sends it to the dead-letter topic.
 */
export async function acceptCandidate(
  metadata: Metadata,
  { event }: IncomingEvent<events.ModelTrained>,
  nowMs: number,
): Promise<void> {
  const { model, version, uri, digest, runId, spans } = event;
  if (model === '' || uri === '' || !(version >= 1) || spans.length === 0) {
    throw new RangeError(
      `model.trained must name model, version, uri and spans, got "${model}", ${version}, "${uri}", [${spans.join(', ')}]`,
    );
  }
  if (await metadata.getVersion(model, version)) return;
  await metadata.putVersion({
    model,
    version,
    uri,
    digest,
    runId,
    spans,
    state: 'evaluating',
    blessed: false,
    reasons: [],
    updatedAtMs: nowMs,
  });
}
