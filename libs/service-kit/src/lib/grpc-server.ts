import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { Logger } from './logger.ts';
import type { Resource } from './run-service.ts';

export interface GrpcServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Each dependency by name: whether it answers. Asked every second; the server is SERVING only while all do. */
  readonly health?: () => Promise<Readonly<Record<string, boolean>>>;
  /** The environment variable that sets the port, for the message about a taken one. */
  readonly portVariable?: string;
}

/** A gRPC server with grpc.health.v1 that tells the truth. Messages of any size. */
export class GrpcServer implements Resource {
  readonly name = 'grpc server';
  readonly #options: GrpcServerOptions;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING' });
  readonly #server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  #port = 0;
  #timer: NodeJS.Timeout | undefined;
  #unhealthy = '';
  #stopping = false;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#health.addToServer(this.#server as never);
  }

  /** Port it listens on; 0 before the start. */
  get port(): number {
    return this.#port;
  }

  addService<T extends UntypedServiceImplementation>(definition: ServiceDefinition<T>, implementation: T): this {
    this.#server.addService(definition, implementation);
    return this;
  }

  async start(): Promise<void> {
    const { host, port, portVariable = 'GRPC_PORT' } = this.#options;
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else
          reject(
            new Error(
              `port ${port} on ${host} cannot be used (${error.message}): stop what listens there or set ${portVariable}`,
              { cause: error },
            ),
          );
      });
    });
    await this.#check();
    this.#options.logger.info({ host, port: this.#port }, 'grpc server listens');
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
    this.#health.setStatus('', unhealthy === '' ? 'SERVING' : 'NOT_SERVING');
    this.#timer = setTimeout(() => void this.#check(), unhealthy === '' ? 1000 : 200);
  }

  /** Says NOT_SERVING, lets calls in progress end for up to 5 s, then cuts them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    this.#health.setStatus('', 'NOT_SERVING');
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, 5000);
      this.#server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  }
}
