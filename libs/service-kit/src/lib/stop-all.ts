import type { Resource } from './run-service.ts';

/** What was started, by whatever way. */
export type Stoppable = Pick<Resource, 'name' | 'stop'>;

/**
 * Stops resources in reverse within `graceMs` wall milliseconds. Each has half of what is left to finish what is in progress and half
 * of the rest to cut it; then it is given up and the next is stopped. Throws an `AggregateError` that names those that did not stop.
 */
export async function stopAll(started: readonly Stoppable[], graceMs: number): Promise<void> {
  const endMs = performance.now() + graceMs;
  const errors: Error[] = [];
  for (const resource of [...started].reverse()) {
    try {
      await stopWithin(resource, Math.max(0, endMs - performance.now()));
    } catch (error) {
      errors.push(new Error(`stopping ${resource.name}: ${(error as Error).message}`, { cause: error }));
    }
  }
  if (errors.length > 0)
    throw new AggregateError(errors, `not everything stopped: ${errors.map(({ message }) => message).join('; ')}`);
}

async function stopWithin(resource: Stoppable, leftMs: number): Promise<void> {
  const hurry = new AbortController();
  const [finishMs, giveUpMs] = [leftMs / 2, (leftMs * 3) / 4];
  const hurrying = setTimeout(() => hurry.abort(), finishMs);
  let givingUp: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    givingUp = setTimeout(() => reject(new Error(`it did not stop within ${Math.round(giveUpMs)} ms`)), giveUpMs);
  });
  try {
    await Promise.race([resource.stop(hurry.signal), late]);
  } finally {
    clearTimeout(hurrying);
    clearTimeout(givingUp);
  }
}

/** Waits for an orderly end. Once `hurry` aborts what is in progress is cut, which must bring the end about. */
export async function endOrCut(end: Promise<void>, cut: () => void, hurry = AbortSignal.timeout(5000)): Promise<void> {
  if (hurry.aborted) cut();
  hurry.addEventListener('abort', cut);
  try {
    await end;
  } finally {
    hurry.removeEventListener('abort', cut);
  }
}
