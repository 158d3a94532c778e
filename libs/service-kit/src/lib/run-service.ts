/** Something a service starts and stops: a server, a subscription, a connection. */
export interface Resource {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what is in progress. Called once, also after a start that failed half-way. */
  stop(): Promise<void>;
}

export interface RunOptions {
  /** Ends the service. */
  readonly signal: AbortSignal;
  /** Wall milliseconds for the whole stop. */
  readonly graceMs: number;
}

/**
 * Starts resources in order, waits for the signal, stops them in reverse. Where one does not start, those before it are
 * stopped and its error is thrown, naming it. Throws where stopping takes longer than the grace.
 */
export async function runService(resources: readonly Resource[], options: RunOptions): Promise<void> {
  const started: Resource[] = [];
  try {
    for (const resource of resources) {
      if (options.signal.aborted) return;
      started.push(resource);
      try {
        await resource.start();
      } catch (error) {
        if (options.signal.aborted) return;
        throw new Error(`starting ${resource.name}: ${(error as Error).message}`, { cause: error });
      }
    }
    await aborted(options.signal);
  } finally {
    await within(stopAll(started), options.graceMs);
  }
}

async function stopAll(started: readonly Resource[]): Promise<void> {
  const errors: unknown[] = [];
  for (const resource of [...started].reverse()) {
    try {
      await resource.stop();
    } catch (error) {
      errors.push(new Error(`stopping ${resource.name}`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'some resources did not stop');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not stopped within ${ms} ms`));
    }, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
