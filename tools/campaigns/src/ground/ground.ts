import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePorts } from '@adstocrat/ports';
import { Broker } from './broker.ts';
import { Database } from './database.ts';
import { healthy } from './health.ts';
import { type ServiceName, serviceNames, ServiceProcess } from './service-process.ts';

export interface GroundOptions {
  /** Where everything lies: database, artifacts, logs, work folders. */
  readonly folder: string;
  readonly bus: 'postgres' | 'kafka';
  /** Of every service. */
  readonly instances: number;
  /** Default: all. */
  readonly names?: readonly ServiceName[];
  /** For all services, on top of what says where things are. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What services stand on, and several of every one, each a process of its own. */
export class Ground {
  readonly database: Database;
  /** Absent where the event bus is PostgreSQL's log. */
  readonly broker: Broker | undefined;
  readonly services: readonly ServiceProcess[];
  readonly eventBusUrl: string;
  readonly artifactsUrl: string;
  /** What the services' gRPC demands. */
  readonly token: string;

  private constructor(parts: {
    readonly database: Database;
    readonly broker: Broker | undefined;
    readonly services: readonly ServiceProcess[];
    readonly eventBusUrl: string;
    readonly artifactsUrl: string;
    readonly token: string;
  }) {
    this.database = parts.database;
    this.broker = parts.broker;
    this.services = parts.services;
    this.eventBusUrl = parts.eventBusUrl;
    this.artifactsUrl = parts.artifactsUrl;
    this.token = parts.token;
  }

  /** Starts everything; resolves once every instance is healthy. Leaves nothing where it fails. */
  static async start(options: GroundOptions): Promise<Ground> {
    const { folder, bus } = options;
    for (const name of ['artifacts', 'logs', 'work']) mkdirSync(join(folder, name), { recursive: true });
    const broker = bus === 'kafka' ? await Broker.start(join(folder, 'kafka')) : undefined;
    let ground: Ground | undefined;
    try {
      const database = await Database.start({
        dataDir: join(folder, 'postgres'),
        logFile: join(folder, 'logs/postgres.log'),
      });
      const eventBusUrl = broker?.url ?? database.url;
      const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
      const token = randomBytes(24).toString('base64url');
      const common = {
        HOST: '127.0.0.1',
        DATABASE_URL: database.url,
        EVENT_BUS_URL: eventBusUrl,
        ARTIFACTS_URL: artifactsUrl,
        SERVICE_TOKEN: token,
        TF_CPP_MIN_LOG_LEVEL: '3',
        ...options.environment,
      };
      const services = await instancesOf(options, common);
      ground = new Ground({ database, broker, services, eventBusUrl, artifactsUrl, token });
      for (const service of services) service.start();
      await Promise.all(services.map((service) => healthy(service, 120_000)));
      return ground;
    } catch (error) {
      await (ground === undefined ? broker?.stop() : ground.stop());
      throw error;
    }
  }

  /** All instances of a service. */
  of(name: ServiceName): readonly ServiceProcess[] {
    return this.services.filter(({ options }) => options.name === name);
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop(20_000)));
    await Promise.all([this.database.stop(), this.broker?.stop()]);
  }
}

async function instancesOf(
  { folder, instances, names: wanted = serviceNames }: GroundOptions,
  common: Readonly<Record<string, string>>,
): Promise<readonly ServiceProcess[]> {
  const names = wanted.flatMap((name) =>
    Array.from({ length: instances }, (_, index) => ({ name, instance: index + 1 })),
  );
  const ports = await freePorts(names.length * 2);
  const grpcPort = (index: number): number => ports[2 * index] ?? 0;
  const servingUrls = names.flatMap(({ name }, index) => (name === 'serving' ? [`127.0.0.1:${grpcPort(index)}`] : []));
  return names.map(({ name, instance }, index) => {
    const workDir = join(folder, 'work', `${name}-${instance}`);
    mkdirSync(workDir, { recursive: true });
    const environment = {
      ...common,
      GRPC_PORT: String(grpcPort(index)),
      REST_PORT: String(ports[2 * index + 1] ?? 0),
      WORK_DIR: workDir,
      SERVING_GRPC_URLS: servingUrls.join(','),
      // Evaluation of the present reads one.
      SERVING_GRPC_URL: servingUrls[0] ?? '',
    };
    return new ServiceProcess({
      name,
      instance,
      environment,
      logFile: join(folder, 'logs', `${name}-${instance}.log`),
    });
  });
}
