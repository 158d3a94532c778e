/**
 * Aborts on SIGTERM, on SIGINT, and when the process that started this one over IPC is gone.
 * A second signal ends the process at once.
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.send !== undefined) {
    process.once('disconnect', () => {
      controller.abort();
    });
    // Listening holds the channel, and the channel would hold a process that has stopped everything else.
    process.channel?.unref();
  }
  return controller.signal;
}
