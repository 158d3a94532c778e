import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startPostgres } from '@adstocrat/postgres';
import { ExitError } from '../exit-error.ts';
import { type Clients, openClients } from './clients.ts';
import { isServing } from '@adstocrat/service-kit/grpc';
import type { Home } from './home.ts';
import { assertFree, defaultPorts, freePorts, type SystemPorts } from './ports.ts';
import { ServiceProcess, type ServiceSpec } from './service-process.ts';

export interface SystemOptions {
  readonly home: Home;
  readonly freePorts?: boolean;
  /** Event-time seconds per wall second. */
  readonly clockSpeed?: number;
  readonly onRestart?: (service: string, reason: string) => void;
  /** Told, at most once in two seconds, what a service that does not come up is waiting for. */
  readonly onWaiting?: (sentence: string) => void;
}

/** PostgreSQL and the five services, on 127.0.0.1. */
export interface System {
  readonly ports: SystemPorts;
  readonly clients: Clients;
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  readonly services: readonly ServiceProcess[];
  /** From here on the command itself ends on SIGINT and SIGTERM. Before, they stop the system and end the process. */
  releaseSignals(): void;
  /** Process ids of everything but this process. */
  pids(): readonly number[];
  stop(): Promise<void>;
}

/**
 * Starts everything in the home and waits until every service is healthy.
 * `EVENT_BUS_URL`, `DATABASE_URL` and `ARTIFACTS_URL` choose other than the embedded ones.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { home } = options;
  const unlock = home.lock();
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    releaseSignals();
    for (const one of stops.splice(0).reverse()) await one();
    unlock();
  };
  // A command that is told to end half-way leaves no server behind.
  const end = (signal: NodeJS.Signals): void => {
    void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  const releaseSignals = (): void => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const ports = options.freePorts === true ? await freePorts() : defaultPorts;
    await assertFree(ports);
    let postgresPid: number | undefined;
    let databaseUrl = process.env['DATABASE_URL'];
    if (databaseUrl === undefined) {
      const starting = startPostgres({ dataDir: home.path('postgres'), logFile: home.path('postgres.log') });
      // Also where the command is told to end while it starts; one that does not start is told below.
      stops.push(() => starting.then((started) => started.stop()).catch(() => undefined));
      const postgres = await starting;
      databaseUrl = postgres.url;
      postgresPid = postgres.pid;
    }
    const artifactsUrl = process.env['ARTIFACTS_URL'] ?? pathToFileURL(home.path('artifacts')).href;
    mkdirSync(home.path('artifacts'), { recursive: true });
    mkdirSync(home.path('logs'), { recursive: true });
    const clockSpeed = options.clockSpeed ?? 1;
    const token = home.token();
    const specs = serviceSpecs({ home, ports, databaseUrl, artifactsUrl, clockSpeed, token });
    const services = specs.map((spec) => new ServiceProcess(spec, options.onRestart ?? (() => undefined)));
    stops.push(async () => {
      await Promise.all(services.map((service) => service.stop(12_000)));
    });
    for (const service of services) service.start();
    await Promise.all(services.map((service) => healthy(service, options.onWaiting ?? (() => undefined))));
    const clients = openClients(ports, token);
    stops.push(() => {
      clients.close();
      return Promise.resolve();
    });
    home.writeRunning({ pid: process.pid, ports, databaseUrl, artifactsUrl, clockSpeed });
    const pids = (): readonly number[] =>
      [postgresPid, ...services.map((service) => service.pid)].filter((pid) => pid !== undefined);
    return { ports, clients, databaseUrl, artifactsUrl, services, pids, stop, releaseSignals };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Wiring {
  readonly home: Home;
  readonly ports: SystemPorts;
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  readonly clockSpeed: number;
  readonly token: string;
}

function serviceSpecs({ home, ports, databaseUrl, artifactsUrl, clockSpeed, token }: Wiring): readonly ServiceSpec[] {
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    EVENT_BUS_URL: process.env['EVENT_BUS_URL'] ?? databaseUrl,
    ARTIFACTS_URL: artifactsUrl,
    SERVICE_TOKEN: token,
    CLOCK_SPEED: String(clockSpeed),
    CLOCK_ORIGIN: `${Date.now()}:${Date.now()}`,
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
  const own: Readonly<Record<ServiceSpec['name'], Readonly<Record<string, string>>>> = {
    ingestion: { GRPC_PORT: String(ports.ingestion) },
    training: { GRPC_PORT: String(ports.training) },
    evaluation: { GRPC_PORT: String(ports.evaluation), SERVING_GRPC_URLS: `127.0.0.1:${ports.serving}` },
    serving: { GRPC_PORT: String(ports.serving), REST_PORT: String(ports.servingRest) },
    feedback: { GRPC_PORT: String(ports.feedback), REST_PORT: String(ports.feedbackRest) },
  };
  return (Object.keys(own) as ServiceSpec['name'][]).map((name) => {
    const workDir = home.path('work', name);
    mkdirSync(workDir, { recursive: true });
    return {
      name,
      environment: { ...common, ...own[name], WORK_DIR: workDir },
      logFile: home.path('logs', `${name}.log`),
    };
  });
}

/** Waits until the service says SERVING; gives up when it ended three times or after 60 s. */
async function healthy(service: ServiceProcess, onWaiting: (sentence: string) => void): Promise<void> {
  const port = Number(service.spec.environment['GRPC_PORT']);
  const until = Date.now() + 60_000;
  for (let saidMs = Date.now(); !(await isServing(`127.0.0.1:${port}`)); await sleep(100)) {
    const waiting = waitingFor(service);
    if (service.restarts >= 3 || Date.now() > until) {
      const words = statSync(service.spec.logFile).size === 0 ? '' : ` Its last words:\n${service.tail(12)}`;
      throw new ExitError(
        1,
        `${waiting ?? `${service.spec.name} does not start.${words}`}\nThe whole log: ${service.spec.logFile}`,
      );
    }
    if (waiting === undefined || Date.now() - saidMs < 2000) continue;
    saidMs = Date.now();
    onWaiting(waiting);
  }
}

/** What the service's log says it is waiting for, if that is the last it said. */
function waitingFor(service: ServiceProcess): string | undefined {
  try {
    const { msg, dependency, reason } = JSON.parse(service.tail(1)) as Readonly<Record<string, string>>;
    if (msg !== 'waiting for a dependency') return undefined;
    return `${service.spec.name} waits for its ${dependency ?? 'dependency'}: ${reason ?? 'it does not answer'}`;
  } catch {
    // Not a line of the log's own: something else wrote there.
    return undefined;
  }
}
