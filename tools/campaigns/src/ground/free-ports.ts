import { createServer } from 'node:net';

/** TCP ports of 127.0.0.1 that are free now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise<void>((listening, failed) => {
        probe.once('error', failed);
        probe.listen(0, '127.0.0.1', listening);
      });
      return probe;
    }),
  );
  const ports = probes.map((probe) => (probe.address() as { readonly port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((closed) => probe.close(closed))));
  return ports;
}
