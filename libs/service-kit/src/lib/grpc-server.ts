import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Entrance } from './entrance/entrance.ts';
import type { LoadShedder } from './entrance/load-shedder.ts';
import { CallRouter } from './grpc/call-router.ts';
import { Http2Listener } from './grpc/http2-listener.ts';
import type { Logger } from './logger.ts';
import type { Resource } from './run-service.ts';
import type { ListenerConfig } from './service-environment.ts';
import { reflectionServices } from './reflection/reflection-services.ts';
import { endOrCut } from './stop-all.ts';

export interface GrpcServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Who comes in, and how. Absent: plain connections of anyone. */
  readonly entrance?: Entrance;
  /** Refuses predictions that would come too late. Default: none is refused for that. */
  readonly shedder?: LoadShedder;
  /** Each dependency by name: whether it answers. Asked every second; the server is SERVING only while all do. */
  readonly health?: () => Promise<Readonly<Record<string, boolean>>>;
  /** Further names that a health check may ask for, each with whether it serves: as `health`, it is asked every second. */
  readonly services?: () => Readonly<Record<string, boolean>>;
  /** Whether another process answers on the same port: a stop then tells nobody to go elsewhere. Default: none does. */
  readonly replaced?: () => boolean;
  /** Largest request, bytes. Default: any. */
  readonly maxRequestBytes?: number;
  /** Wall milliseconds within which the one request of a call must be there. Default: any. */
  readonly requestTimeoutMs?: number;
  /** The environment variable that sets the port, for the message about a taken one. */
  readonly portVariable?: string;
  /** A google.protobuf.FileDescriptorSet of the services: with it clients may ask the server what it answers. */
  readonly descriptors?: Uint8Array;
  /** Whose server this is: a health check that names it as its service is answered, one that names another is NOT_FOUND. */
  readonly systemId?: string;
}

/** The options that the environment of every service holds. */
export function grpcOptions({
  HOST: host,
  GRPC_PORT: port,
  SYSTEM_ID: systemId,
}: ListenerConfig): Pick<GrpcServerOptions, 'host' | 'port' | 'systemId'> {
  return systemId === undefined ? { host, port } : { host, port, systemId };
}

/** A gRPC server with grpc.health.v1 that tells the truth. Answers of any size. */
export class GrpcServer implements Resource {
  readonly name = 'grpc server';
  readonly #options: GrpcServerOptions;
  readonly #health: HealthImplementation;
  readonly #router: CallRouter;
  readonly #listener: Http2Listener;
  /** What a health check may name: the whole server, and whose it is. */
  readonly #names: readonly string[];
  #port = 0;
  #adminPort: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #said = new Map<string, 'SERVING' | 'NOT_SERVING'>();
  #unhealthy = '';
  #stopping = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const { systemId } = options;
    this.#names = systemId === undefined ? [''] : ['', systemId];
    this.#health = new HealthImplementation(Object.fromEntries(this.#names.map((name) => [name, 'NOT_SERVING'])));
    this.#router = new CallRouter({ ...options, adminPort: () => this.#adminPort });
    this.#listener = new Http2Listener(options.entrance?.tls, (stream, headers) => this.#router.take(stream, headers));
    const addService = this.#router.addOpen.bind(this.#router);
    this.#health.addToServer({ addService } as never);
  }

  /** Port it listens on; 0 before the start. */
  get port(): number {
    return this.#port;
  }

  /** Port of administration; undefined before the start, and where it has none of its own. */
  get adminPort(): number | undefined {
    return this.#adminPort;
  }

  /** Throws where the entrance does not know what a method's caller must be allowed, and where a method is there already. */
  addService<T extends UntypedServiceImplementation>(definition: ServiceDefinition<T>, implementation: T): this {
    this.#router.add(definition, implementation);
    return this;
  }

  /** Each name once it changes: who watches hears nothing twice. */
  #say(healthy: boolean): void {
    const services = Object.entries(this.#options.services?.() ?? {}).filter(([name]) => !this.#names.includes(name));
    for (const [name, serves] of [...this.#names.map((one) => [one, true] as const), ...services]) {
      const status = healthy && serves ? 'SERVING' : 'NOT_SERVING';
      if (this.#said.get(name) === status) continue;
      this.#said.set(name, status);
      this.#health.setStatus(name, status);
    }
  }

  /** Says NOT_SERVING from now on unless it is replaced, and goes on answering: whoever asks for health goes elsewhere before {@link stop}. */
  drain(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
    if (this.#options.replaced?.() !== true) this.#say(false);
  }

  async start(): Promise<void> {
    const { host, port, portVariable = 'GRPC_PORT', entrance, descriptors, logger } = this.#options;
    const { administration, tls } = entrance ?? {};
    if (descriptors !== undefined)
      for (const { definition, implementation } of reflectionServices({
        descriptors,
        services: this.#router.services,
        logger,
      }))
        this.addService(definition, implementation);
    if (administration !== undefined) {
      this.#adminPort = await bound(this.#listener, { ...administration, variable: 'ADMIN_PORT' });
      logger.info({ host: administration.host, port: this.#adminPort }, 'administration listens');
    }
    this.#port = await bound(this.#listener, { host, port, variable: portVariable });
    await this.#check();
    logger.info({ host, port: this.#port, tls: tls !== undefined }, 'grpc server listens');
  }

  async #check(): Promise<void> {
    let failing: readonly string[];
    try {
      const answers = (await this.#options.health?.()) ?? {};
      failing = Object.entries(answers)
        .filter(([, ok]) => !ok)
        .map(([dependency]) => dependency);
    } catch (error) {
      failing = [(error as Error).message];
    }
    if (this.#stopping) return;
    const unhealthy = failing.join(', ');
    if (unhealthy !== this.#unhealthy) {
      if (unhealthy === '') this.#options.logger.info('healthy again');
      else this.#options.logger.warn({ failing }, 'not healthy');
      this.#unhealthy = unhealthy;
    }
    this.#say(unhealthy === '');
    this.#timer = setTimeout(() => void this.#check(), unhealthy === '' ? 1000 : 200);
  }

  /** Says NOT_SERVING, lets calls in progress end, and cuts them once `hurry` aborts (default: after 5 s). */
  async stop(hurry?: AbortSignal): Promise<void> {
    this.drain();
    await endOrCut(this.#listener.close(), () => this.#listener.cut(), hurry);
  }
}

/** Where a server is to listen, and the environment variable that says so. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly variable: string;
}

/** Listens. Resolves with the port. */
async function bound(listener: Http2Listener, { host, port, variable }: Place): Promise<number> {
  try {
    return await listener.open(host, port);
  } catch (error) {
    throw new Error(
      `port ${port} on ${host} cannot be used (${(error as Error).message}): stop what listens there or set ${variable}`,
      { cause: error },
    );
  }
}
