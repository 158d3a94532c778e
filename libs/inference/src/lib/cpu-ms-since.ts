/** Milliseconds of a processor that this thread has taken since `process.threadCpuUsage()` said `before`: others do not make them more. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
