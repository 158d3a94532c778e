import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { isServing } from '@adstocrat/service-kit/grpc';
import { ExitError } from '../exit-error.ts';
import type { ServiceProcess } from './service-process.ts';

/**
 * Waits until the service says SERVING, as one of this system; gives up when it ended three times or after 60 s. A server that could not
 * load what is deployed is up, and says so: else nothing could be done about it, nor about other models.
 */
export async function untilHealthy(
  service: ServiceProcess,
  options: {
    readonly systemId: string;
    /** How to reach it. */
    readonly channel: ChannelCredentials;
    readonly onWaiting: (sentence: string) => void;
  },
): Promise<void> {
  const { systemId, channel, onWaiting } = options;
  const address = `127.0.0.1:${service.spec.environment['GRPC_PORT'] ?? ''}`;
  const fromMs = Date.now();
  const until = fromMs + 60_000;
  for (let saidMs = Date.now(); !(await isServing(address, systemId, channel)); await sleep(100)) {
    const { words, waiting, unloaded } = lastSaid(service, fromMs);
    if (unloaded !== undefined) {
      onWaiting(`${service.title} could not load ${unloaded}; it goes on trying, and the rest works`);
      return;
    }
    if (service.restarts >= 3 || Date.now() > until)
      throw new ExitError(
        1,
        `${waiting ?? `${service.title} does not start. ${words}`}\nThe whole log: ${service.spec.logFile}`,
      );
    if (waiting === undefined || Date.now() - saidMs < 2000) continue;
    saidMs = Date.now();
    onWaiting(`${waiting}; trying again, for a minute at most`);
  }
}

interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
  readonly dependency?: string;
  readonly reason?: string;
  readonly time?: string;
  readonly model?: string;
  readonly version?: number;
}

/** The service's last words, what it is waiting for, if that is the last it said, and the version that it tried since then and could not load. */
function lastSaid(
  service: ServiceProcess,
  fromMs: number,
): { readonly words: string; readonly waiting?: string; readonly unloaded?: string } {
  if ((statSync(service.spec.logFile, { throwIfNoEntry: false })?.size ?? 0) === 0)
    return { words: 'It said nothing.' };
  const tail = service.tail(12);
  const lines = tail.split('\n').map(parsed);
  const last = lines.at(-1);
  if (last?.msg === 'waiting for a dependency') {
    const { dependency = 'dependency', reason = 'it does not answer' } = last;
    return { words: tail, waiting: `${service.title} waits for its ${dependency}: ${reason}` };
  }
  const failed = lines.findLast((line) => line?.msg === 'version not loaded' && Date.parse(line.time ?? '') >= fromMs);
  if (failed !== undefined)
    return {
      words: tail,
      unloaded: `${failed.model} version ${failed.version}: ${failed.err?.message ?? 'see its log'}`,
    };
  const fatal = lines.findLast((line) => line?.level === 60);
  return { words: fatal?.err?.message ?? `Its last words:\n${tail}` };
}

function parsed(line: string): LogLine | undefined {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    // Not a line of the log's own: something else wrote there.
    return undefined;
  }
}
