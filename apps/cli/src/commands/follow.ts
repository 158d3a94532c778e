import { setTimeout as sleep } from 'node:timers/promises';
import { openMetadata } from '@adstocrat/adapters';
import type { VersionRecord } from '@adstocrat/metadata';
import type { Progress } from '../progress.ts';
import { watch } from '../system/calls.ts';
import type { SystemInUse } from './system-for.ts';

/** Wall milliseconds between two looks at the versions. */
const everyMs = 1000;

/** Says what happens to a model while it is served, alerts and what becomes of versions, from now on until the signal. Never throws: serving goes on. */
export async function follow(
  { clients, databaseUrl }: SystemInUse,
  model: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const fromMs = Date.now();
  const said = new Set<string>();
  const hear = async (): Promise<void> => {
    for await (const { alertId, message } of watch(() => clients.feedback.watchAlerts({ model }), { signal })) {
      // A watch brings all that there are first: those of before were said then, and `monitor` shows which are open.
      const isNew = !said.has(alertId) && Date.now() - fromMs >= everyMs;
      said.add(alertId);
      if (isNew) progress.finish(`alert: ${message}`);
    }
  };
  let before: readonly VersionRecord[] | undefined;
  const look = async (): Promise<void> => {
    const metadata = await openMetadata(databaseUrl);
    try {
      for (; !signal.aborted; await pause(signal)) {
        const now = await metadata.listVersions(model);
        for (const line of changesOf(before ?? now, now)) progress.finish(line);
        before = now;
      }
    } finally {
      await metadata.close();
    }
  };
  await Promise.all([hear, look].map((work) => againAndAgain(work, signal)));
}

/** What cannot be heard now, since a service or the database is away, is asked for a little later. */
async function againAndAgain(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await pause(signal)) await work().catch(() => undefined);
}

const pause = (signal: AbortSignal): Promise<void> => sleep(everyMs, undefined, { signal }).catch(() => undefined);

/** A sentence for each version that is in another state than before, where people want to know. */
export function changesOf(
  before: readonly Pick<VersionRecord, 'version' | 'state'>[],
  now: readonly Pick<VersionRecord, 'version' | 'state' | 'spans' | 'reasons'>[],
): readonly string[] {
  const states = new Map(before.map(({ version, state }) => [version, state]));
  return now.flatMap(({ version, state, spans, reasons }) => {
    if (states.get(version) === state) return [];
    const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
    const is = words.get(state);
    const trained = states.has(version) ? '' : `, trained on span${spans.length > 1 ? 's' : ''} ${spans.join(', ')}`;
    return is === undefined ? [] : [`version ${version}${trained}${trained === '' ? '' : ','} ${is}${why}`];
  });
}

const words: ReadonlyMap<string, string> = new Map([
  ['evaluating', 'is compared with the one in service'],
  ['not_blessed', 'is not blessed'],
  ['canary', 'gets a share of the traffic'],
  ['deployed', 'serves everyone'],
  ['rolled_back', 'was rolled back'],
]);
