import type { JobKind } from '@adstocrat/jobs';

/** A version of a model, as the jobs about it name it. */
export interface VersionKey {
  readonly model: string;
  readonly version: number;
}

/** Judges a version: what it did on held-out examples, blessed or not. */
export const evaluateKind: JobKind<VersionKey> = { name: 'evaluate', parse: parseVersionKey };

/** Brings a blessed version to all of the traffic, or back. */
export const rolloutKind: JobKind<VersionKey> = { name: 'rollout', parse: parseVersionKey };

/** There is one job of a kind for a version. */
export function jobKeyOf({ model, version }: VersionKey): string {
  return `${model}/${version}`;
}

function parseVersionKey(payload: unknown): VersionKey {
  const { model, version } = payload as Partial<VersionKey>;
  if (typeof model !== 'string' || typeof version !== 'number')
    throw new TypeError(`a job about a version needs model and version, got ${JSON.stringify(payload)}`);
  return { model, version };
}
