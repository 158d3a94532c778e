import { ArtifactNotFound, type ArtifactStore, joinUri, pathBelow } from '@adstocrat/artifact-store';

/** Where all runs' checkpoints lie, each run's in the folder of its id. */
export function checkpointsUri(artifactsUrl: string): string {
  return joinUri(artifactsUrl, 'checkpoints');
}

/**
 * Removes the checkpoints of runs that have ended: failed, cancelled, or done by a process that died right then. Returns their ids.
 * `liveRuns` is asked after the folders are listed, so that a run which begins meanwhile is among its answer.
 */
export async function sweepCheckpoints(
  store: ArtifactStore,
  artifactsUrl: string,
  liveRuns: () => Promise<ReadonlySet<string>>,
): Promise<readonly string[]> {
  const base = checkpointsUri(artifactsUrl);
  const found = new Set<string>();
  try {
    for await (const { uri } of store.list(`${base}/`)) found.add(pathBelow(base, uri).split('/')[0] ?? '');
  } catch (error) {
    if (!(error instanceof ArtifactNotFound)) throw error;
  }
  if (found.size === 0) return [];
  const live = await liveRuns();
  const ended = [...found].filter((run) => !live.has(run));
  for (const run of ended) await store.clear(joinUri(base, run));
  return ended;
}
