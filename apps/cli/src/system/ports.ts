import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@adstocrat/ports';
import { ExitError } from '../exit-error.ts';
import { listenOn } from './held-port.ts';

/** TCP ports of one instance of every service on 127.0.0.1. */
export interface ServicePorts {
  readonly ingestion: number;
  readonly training: number;
  readonly evaluation: number;
  readonly serving: number;
  readonly servingRest: number;
  readonly feedback: number;
  readonly feedbackRest: number;
}

/**
 * Where adstocrat listens unless told otherwise: serving where TensorFlow Serving does. All below what Linux gives to outgoing
 * connections (32768 and up): a port that one of those has cannot be listened on for as long as it lasts.
 */
export const defaultPorts: ServicePorts = {
  ingestion: 8511,
  training: 8512,
  evaluation: 8513,
  serving: 8500,
  servingRest: 8501,
  feedback: 8515,
  feedbackRest: 8502,
};

/** The command's own, which it holds while it has {@link defaultPorts}. */
export const defaultClaimPort = 8510;

/** Ports that stay this command's, for so many instances of every service. */
export async function freeServicePorts(instances: number): Promise<readonly ServicePorts[]> {
  const names = Object.keys(defaultPorts);
  const numbers = await freePorts(instances * names.length);
  return Array.from(
    { length: instances },
    (_, instance) =>
      Object.fromEntries(
        names.map((name, index) => [name, numbers[instance * names.length + index]]),
      ) as unknown as ServicePorts,
  );
}

/**
 * Throws {@link ExitError} naming every port that is taken and what wanted it; waits first, for at most `withinMs`, where what
 * holds them is about to end.
 */
export async function assertFree(instances: readonly ServicePorts[], { withinMs = 0 } = {}): Promise<void> {
  for (const until = Date.now() + withinMs; ; await sleep(100)) {
    const taken = (await Promise.all(instances.flatMap((ports) => Object.entries(ports)).map(takenBy))).flat();
    if (taken.length === 0) return;
    if (Date.now() < until) continue;
    throw new ExitError(
      1,
      `port taken on 127.0.0.1: ${taken.join(', ')}. Stop what listens there, or let adstocrat choose with --free-ports.`,
    );
  }
}

async function takenBy([name, port]: readonly [string, number]): Promise<readonly string[]> {
  try {
    const server = await listenOn(port);
    await new Promise((closed) => server.close(closed));
    return [];
  } catch {
    return [`${port} (${name})`];
  }
}
