import type { Logger } from './logger.ts';

/** An error that nobody handled leaves a service in a state that nobody knows: it is logged and ends the process, with 1. */
export function endOnUnhandledErrors(logger: Pick<Logger, 'fatal'>): void {
  // An unhandled rejection comes here too.
  process.on('uncaughtException', (err, origin) => {
    logger.fatal({ err, origin }, 'ended by an error that nobody handled');
    process.exit(1);
  });
}

/** Ends the process `graceMs` after the signal, whatever still runs then, and says what holds it. One that ends before is let be. */
export function endAfterGrace(signal: AbortSignal, graceMs: number, logger: Pick<Logger, 'fatal'>): void {
  const end = (): void => {
    setTimeout(() => {
      logger.fatal({ graceMs, heldBy: process.getActiveResourcesInfo() }, 'not stopped within the grace: ended');
      process.exit(1);
    }, graceMs).unref();
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

const lastActs: (() => Promise<void>)[] = [];
/** Wall milliseconds that all of them together may take. */
const lastActsMs = 2000;

/** What is done once everything has stopped: telemetry is sent on. */
export function beforeTheEnd(act: () => Promise<void>): void {
  lastActs.push(act);
}

/**
 * Ends the process once everything of its own has stopped. What libraries have left behind, as timers of a closed Kafka client, does
 * not hold it.
 */
export async function endProcess(code: number): Promise<never> {
  const done = Promise.allSettled(lastActs.map((act) => act()));
  await Promise.race([done, new Promise((resolve) => setTimeout(resolve, lastActsMs))]);
  process.exit(code);
}
