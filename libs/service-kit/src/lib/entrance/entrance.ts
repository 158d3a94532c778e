import type { Logger } from '../logger.ts';
import type { Resource } from '../run-service.ts';
import { ServiceFailure } from '../service-error.ts';
import type { ListenerConfig } from '../service-environment.ts';
import { statusCode } from '../status-code.ts';
import { Access } from './access.ts';
import { CallerLimits } from './caller-limits.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { refuseStrangers } from './refuse-strangers.ts';
import type { CallScope, CallScopes } from './scope.ts';
import { ServerTls } from './server-tls.ts';

/** What all listeners of a service share about who comes in. */
export class Entrance implements Resource {
  readonly name = 'entrance';
  /** Absent: connections are plain. */
  readonly tls: ServerTls | undefined;
  readonly access: Access;
  readonly limits: CallerLimits;
  readonly connections: ConnectionLimits;
  /** Where alone administration is answered; absent: everywhere. */
  readonly administration: { readonly host: string; readonly port: number } | undefined;
  readonly #scopes: CallScopes;

  /** Throws `WrongSetting` that names the variable at fault. */
  constructor(config: ListenerConfig, scopes: CallScopes, logger: Logger) {
    this.#scopes = scopes;
    this.tls = ServerTls.from(config, logger);
    this.access = new Access(config, logger);
    this.limits = new CallerLimits(config);
    this.connections = new ConnectionLimits(config);
    const { ADMIN_HOST: host, ADMIN_PORT: port } = config;
    if (port !== undefined) this.administration = { host, port };
    refuseStrangers(config, this.access, this.tls);
  }

  /** What a gRPC call needs. `path`: /package.Service/Method. Throws where the table has no line of it: it must not be served. */
  scopeOfMethod(path: string): CallScope {
    return known(this.#scopes.grpc[path], path);
  }

  /** The same for REST. `route`: as it is registered, parameters and all. HEAD is as GET. */
  scopeOfRoute(method: string, route: string): CallScope {
    const { rest } = this.#scopes;
    return known(rest[`${method === 'HEAD' ? 'GET' : method} ${route}`] ?? rest[route], `${method} ${route}`);
  }

  /** Throws where what needs this is answered on another port than the one that a call came in on. */
  refuseElsewhere(scope: CallScope, what: string, isAdminPort = false): void {
    if (scope === 'administer' && this.administration !== undefined && !isAdminPort)
      throw new ServiceFailure(statusCode.permissionDenied, `${what} is answered over gRPC on ADMIN_PORT alone`);
  }

  start(): Promise<void> {
    this.tls?.files.watch();
    this.access.files?.watch();
    this.connections.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.tls?.files.close();
    this.access.files?.close();
    this.connections.stop();
    return Promise.resolve();
  }
}

function known(scope: CallScope | undefined, call: string): CallScope {
  if (scope === undefined) throw new Error(`the table of scopes has no line for ${call}`);
  return scope;
}
