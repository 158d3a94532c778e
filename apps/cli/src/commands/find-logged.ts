import { setTimeout as sleep } from 'node:timers/promises';
import type { events, feedback } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { callWhenUp } from '../system/calls.ts';
import type { SystemInUse } from './system-for.ts';

/** Wall milliseconds for which a prediction may still be on its way to feedback. */
const patienceMs = 10_000;

/** What was scored under an id, by model. Throws {@link ExitError} that says where it was looked for, where there is none. */
export async function findLogged(
  system: Pick<SystemInUse, 'clients' | 'ports'>,
  predictionId: string,
  model: string,
): Promise<readonly events.PredictionMade[]> {
  const find = (): Promise<feedback.FindPredictionsResponse> =>
    callWhenUp((done) => system.clients.feedback.findPredictions({ predictionId, model }, done));
  let answer = await find();
  const askedMs = answer.nowMs;
  for (const until = Date.now() + patienceMs; answer.predictions.length === 0; answer = await find()) {
    if (answer.readUntilMs >= askedMs || Date.now() > until) throw notFound(system, predictionId, model, answer);
    await sleep(200);
  }
  return answer.predictions;
}

function notFound(
  { ports }: Pick<SystemInUse, 'ports'>,
  predictionId: string,
  model: string,
  { keptFromMs, readUntilMs }: feedback.FindPredictionsResponse,
): ExitError {
  const of = model === '' ? 'any model' : `model ${model}`;
  const kept = keptFromMs === 0 ? 'nothing yet' : `predictions since ${timeOf(keptFromMs)}`;
  const read = readUntilMs === 0 ? 'not all of the bus yet' : `the bus up to ${timeOf(readUntilMs)}`;
  const madeMs = timeOfUuid(predictionId);
  const made = madeMs === undefined ? '' : `The id says that it was made at ${timeOf(madeMs)} of the wall clock. `;
  return new ExitError(
    1,
    `no prediction ${JSON.stringify(predictionId)} of ${of} at feedback (127.0.0.1:${ports.feedback}), which keeps ${kept} and has read ${read}. ` +
      `${made}Older ones are dropped once their labels are final; one that was kept out of the log never came.`,
  );
}

/** When a UUIDv7 was made, Unix milliseconds; undefined for other ids. */
function timeOfUuid(id: string): number | undefined {
  const [, high = '', low = ''] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(id) ?? [];
  return high === '' ? undefined : Number.parseInt(high + low, 16);
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
