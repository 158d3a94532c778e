import { stopAll } from './stop-all.ts';

/** Something a service starts and stops: a server, a subscription, a connection. */
export interface Resource {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what is in progress, and cuts it once `hurry` aborts. Called once, also after a start that failed half-way. */
  stop(hurry?: AbortSignal): Promise<void>;
}

export interface RunOptions {
  /** Ends the service, also while it starts. */
  readonly signal: AbortSignal;
  /** Wall milliseconds for the whole stop. */
  readonly graceMs: number;
}

/**
 * Starts resources in order, waits for the signal, stops them in reverse. Where one does not start, those before it are
 * stopped and its error is thrown, naming it. Throws within the grace where one does not stop, naming it: whoever called ends the
 * process then.
 */
export async function runService(resources: readonly Resource[], options: RunOptions): Promise<void> {
  const { signal, graceMs } = options;
  const told = aborted(signal);
  const started: Resource[] = [];
  try {
    for (const resource of resources) {
      if (signal.aborted) return;
      started.push(resource);
      try {
        // A start that waits for something is given up when the service is told to end.
        await Promise.race([resource.start(), told]);
      } catch (error) {
        if (signal.aborted) return;
        throw new Error(`starting ${resource.name}: ${(error as Error).message}`, { cause: error });
      }
    }
    await told;
  } finally {
    await stopAll(started, graceMs);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
