import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ClientTls, type Clock, stopAll, type Stoppable } from '@adstocrat/service-kit';
import { claimPorts } from './claim.ts';
import { type Clients, openClients } from './clients.ts';
import { openTls, tlsFilesIn } from './command-tls.ts';
import { Database } from './database.ts';
import { endOnSignal } from './end-on-signal.ts';
import type { Home, RunningSystem } from './home.ts';
import { HomeClock } from './home-clock.ts';
import { assertFree, defaultClaimPort, defaultPorts, freeServicePorts, type ServicePorts } from './ports.ts';
import { ServiceProcess } from './service-process.ts';
import { serviceSpecs } from './service-specs.ts';
import { untilHealthy } from './until-healthy.ts';

export interface SystemOptions {
  readonly home: Home;
  readonly freePorts?: boolean;
  /** Of every service; 1 where it is not given. Those after the first listen on free ports. */
  readonly instances?: number;
  /** Milliseconds that pass on the system's clock in one of the wall's. */
  readonly clockSpeed?: number;
  readonly onRestart?: (name: string, reason: string) => void;
  /** Told, at most once in two seconds, what a service that does not come up is waiting for. */
  readonly onWaiting?: (sentence: string) => void;
}

/** PostgreSQL and the five services, on 127.0.0.1. */
export interface System extends RunningSystem {
  readonly clients: Clients;
  /** How the services are reached. */
  readonly tls: ClientTls;
  /** The services' own. */
  readonly clock: Clock;
  /** From here on the command itself ends on signals. Before, they stop the system and end the process. */
  releaseSignals(): void;
  stop(): Promise<void>;
}

/** A killed command's services end within this time. */
const leftoverMs = 15_000;
/** A service ends within its SHUTDOWN_GRACE_MS of 10 s, or is killed. */
const serviceStopMs = 12_000;
/** Of everything together; what does not stop by then is the watchdog's. */
const stopMs = 90_000;

/**
 * Starts everything in the home and waits until every service is healthy.
 * `EVENT_BUS_URL`, `DATABASE_URL` and `ARTIFACTS_URL` choose other than the embedded ones.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { home, onRestart = () => undefined, onWaiting = () => undefined } = options;
  const tlsFiles = tlsFilesIn(process.env);
  const tls = openTls(tlsFiles);
  const lock = home.lock();
  const stops: Stoppable[] = [{ name: 'lock', stop: async () => lock.release() }];
  const stop = async (): Promise<void> => {
    releaseSignals();
    await stopAll(stops.splice(0), stopMs);
  };
  // A command that is told to end half-way leaves no server behind.
  const releaseSignals = endOnSignal(stop);
  try {
    const systemId = randomUUID();
    const claim = await claimPorts(options.freePorts === true ? 0 : defaultClaimPort, {
      systemId,
      home: home.folder,
      pid: process.pid,
    });
    stops.push({ name: 'claim', stop: async () => claim.release() });
    const instances = await portsOf(options, home.lastRunning() !== undefined);
    const databaseUrl = process.env['DATABASE_URL'] ?? (await startDatabase(home, stops, onRestart));
    mkdirSync(home.path('artifacts'), { recursive: true });
    mkdirSync(home.path('logs'), { recursive: true });
    const { clockSpeed = 1 } = options;
    const homeClock = HomeClock.open(home, clockSpeed);
    stops.push({ name: 'clock', stop: async () => homeClock.close() });
    const { clock, origin } = homeClock;
    const running: RunningSystem = {
      systemId,
      ready: false,
      pid: process.pid,
      claimPort: claim.port,
      ports: instances[0] ?? defaultPorts,
      instances,
      databaseUrl,
      eventBusUrl: process.env['EVENT_BUS_URL'] ?? databaseUrl,
      artifactsUrl: process.env['ARTIFACTS_URL'] ?? pathToFileURL(home.path('artifacts')).href,
      clockSpeed,
      clockOrigin: `${origin.wallMs}:${origin.systemMs}`,
      tokenFile: home.renewToken(),
      restScheme: tls.present === undefined ? 'http' : 'https',
      tlsFiles,
    };
    home.writeRunning(running);
    const services = serviceSpecs(home, running).map((spec) => new ServiceProcess(spec, onRestart));
    stops.push({
      name: 'services',
      stop: async () => {
        await Promise.all(services.map((service) => service.stop(serviceStopMs)));
        home.clearRunning();
      },
    });
    for (const service of services) service.start();
    const channel = tls.grpcCredentials();
    await Promise.all(services.map((service) => untilHealthy(service, { systemId, channel, onWaiting })));
    const clients = openClients(instances, home.token(), channel);
    stops.push({ name: 'clients', stop: () => clients.close() });
    home.writeRunning({ ...running, ready: true });
    return { ...running, clients, tls, clock, stop, releaseSignals };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portsOf(options: SystemOptions, wasKilled: boolean): Promise<readonly ServicePorts[]> {
  const { instances = 1 } = options;
  if (options.freePorts === true) return freeServicePorts(instances);
  await assertFree([defaultPorts], wasKilled ? { withinMs: leftoverMs } : {});
  return [defaultPorts, ...(await freeServicePorts(instances - 1))];
}

async function startDatabase(
  home: Home,
  stops: Stoppable[],
  onRestart: (name: string, reason: string) => void,
): Promise<string> {
  const starting = Database.start({
    dataDir: home.path('postgres'),
    logFile: home.path('postgres.log'),
    onRestart,
  });
  // Also where the command is told to end while it starts; one that does not start is told by the start itself.
  stops.push({ name: 'database', stop: () => starting.then((database) => database.stop()).catch(() => undefined) });
  return (await starting).url;
}
