import { createServer } from 'node:net';
import { ExitError } from '../exit-error.ts';

/** TCP ports of a system on 127.0.0.1. */
export interface SystemPorts {
  readonly ingestion: number;
  readonly training: number;
  readonly evaluation: number;
  readonly serving: number;
  readonly servingRest: number;
  readonly feedback: number;
  readonly feedbackRest: number;
}

/** Where adstocrat listens unless told otherwise: serving where TensorFlow Serving does. */
export const defaultPorts: SystemPorts = {
  ingestion: 50_051,
  training: 50_052,
  evaluation: 50_053,
  serving: 8500,
  servingRest: 8501,
  feedback: 50_055,
  feedbackRest: 8502,
};

/** Ports that are free now, for systems side by side. */
export async function freePorts(): Promise<SystemPorts> {
  const servers = await Promise.all(Object.keys(defaultPorts).map(() => listen(0)));
  const numbers = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return Object.fromEntries(
    Object.keys(defaultPorts).map((name, index) => [name, numbers[index]]),
  ) as unknown as SystemPorts;
}

/** Throws {@link ExitError} naming every port that is taken and what wanted it. */
export async function assertFree(ports: SystemPorts): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports) as [string, number][]) {
    try {
      const server = await listen(port);
      await new Promise((closed) => server.close(closed));
    } catch {
      taken.push(`${port} (${name})`);
    }
  }
  if (taken.length > 0) {
    throw new ExitError(
      1,
      `port taken on 127.0.0.1: ${taken.join(', ')}. Stop what listens there, or let adstocrat choose with --free-ports.`,
    );
  }
}

function listen(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
