/** What a shell says of a process that a signal ended: 128 and the signal's number. */
const exitCodes: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Whether the command was told to end: what breaks from then on is no news. */
export function isEnding(): boolean {
  return Object.values(exitCodes).includes(Number(process.exitCode));
}

/**
 * Stops in order and ends the process on SIGINT, SIGTERM and SIGHUP; a second one ends it at once. Returns what gives the signals
 * back.
 */
export function endOnSignal(stop: () => Promise<void>): () => void {
  const signals = Object.keys(exitCodes) as NodeJS.Signals[];
  const end = (signal: NodeJS.Signals): void => {
    process.exitCode = exitCodes[signal];
    void cancelAll()
      .then(stop)
      .finally(() => process.exit());
  };
  for (const signal of signals) process.once(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

const cancellations = new Set<() => Promise<unknown>>();
/** A service that does not answer does not hold up the end. */
const cancelWithinMs = 2000;

/** What is to be cancelled where the command is told to end before `work` is done. */
export async function cancelledOnSignal<T>(cancel: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  cancellations.add(cancel);
  try {
    return await work();
  } finally {
    cancellations.delete(cancel);
  }
}

async function cancelAll(): Promise<void> {
  const late = new Promise((resolve) => setTimeout(resolve, cancelWithinMs).unref());
  await Promise.race([Promise.allSettled([...cancellations].map((cancel) => cancel())), late]);
}
