import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata, VersionRecord } from '@adstocrat/metadata';
import { settledStates } from '@adstocrat/rollouts';
import type { evaluation } from '@adstocrat/schemas';
import { InvalidRequest, plainName, Unavailable } from '@adstocrat/service-kit';
import { evaluationMessage } from './evaluation-message.ts';

/** Wall milliseconds between two looks of a watch. */
const watchMs = 200;

export interface WatchVersionOptions {
  readonly metadata: Metadata;
  /** Ends the watches of a service that stops: the client is told to come again. */
  readonly stopping: AbortSignal;
}

/** Each change of a version until it is settled. One that does not exist yet is waited for: training may be about to say it. */
export async function* watchVersion(
  { metadata, stopping }: WatchVersionOptions,
  { model, version }: evaluation.WatchVersionRequest,
  signal: AbortSignal,
): AsyncGenerator<evaluation.WatchVersionResponse> {
  plainName('model', model);
  if (version < 1) throw new InvalidRequest(`version must be ≥ 1, got ${version}`);
  const ended = AbortSignal.any([signal, stopping]);
  for (let last = ''; !ended.aborted; await sleep(watchMs, undefined, { signal: ended }).catch(() => undefined)) {
    const record = await metadata.getVersion(model, version);
    if (record === undefined) continue;
    const message = messageOf(record, await basisPointsOf(metadata, record));
    const said = JSON.stringify(message);
    if (said !== last) yield message;
    last = said;
    if (settledStates.some((state) => state === message.state)) return;
  }
  if (stopping.aborted) throw new Unavailable('evaluation is stopping: watch again');
}

/** The version's share of the traffic while it is a canary, in 1/10000. */
async function basisPointsOf(metadata: Metadata, { model, version, state }: VersionRecord): Promise<number> {
  if (state !== 'canary') return 0;
  const split = (await metadata.currentDeployment(model))?.split ?? [];
  return split.find((share) => share.version === version)?.basisPoints ?? 0;
}

function messageOf(record: VersionRecord, basisPoints: number): evaluation.WatchVersionResponse {
  const judged = record.evaluation !== undefined || settledStates.includes(record.state);
  return {
    state: record.state,
    evaluation: judged ? evaluationMessage(record) : undefined,
    basisPoints,
  };
}
