import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { callGuard, type MethodGuard } from './call-guard.ts';
import type { Entrance } from '../entrance/entrance.ts';
import type { LoadShedder } from '../entrance/load-shedder.ts';
import type { Logger } from '../logger.ts';
import type { CallStatus } from './call-status.ts';
import { failureStatus } from './failure-status.ts';
import { timeoutMs } from './call-timeout.ts';
import { connectionFacts } from './connection-facts.ts';
import { httpRefusal } from './http-refusal.ts';
import { serveCall } from './serve-call.ts';
import { endAtOnce, ServedCall } from './served-call.ts';
import { notImplemented, type ServedMethod, servedMethods } from './served-method.ts';
import { withServedSpan } from './served-span.ts';

export interface CallRouterOptions {
  readonly logger: Logger;
  readonly entrance?: Entrance;
  readonly shedder?: LoadShedder;
  /** The port of administration, once it is known. */
  readonly adminPort: () => number | undefined;
  /** Largest message of a request, bytes. Default: any. */
  readonly maxRequestBytes?: number;
  /** Wall milliseconds within which the one request of a call must be there. Default: any. */
  readonly requestTimeoutMs?: number;
}

interface Route {
  readonly method: ServedMethod;
  readonly guard: MethodGuard | undefined;
}

const { NGHTTP2_NO_ERROR: noError } = constants;

/** Brings each stream of a connection to the method that its path names, past what guards it. */
export class CallRouter {
  readonly #options: CallRouterOptions;
  readonly #guard: ReturnType<typeof callGuard> | undefined;
  readonly #routes = new Map<string, Route>();

  constructor(options: CallRouterOptions) {
    this.#options = options;
    const { entrance, shedder, adminPort } = options;
    this.#guard = entrance && callGuard({ entrance, shedder, adminPort });
  }

  /** Throws where the entrance does not know what a method's caller must be allowed, and where a method is there already. */
  add(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    for (const method of servedMethods(definition, implementation)) this.#add({ method, guard: this.#guard?.(method) });
  }

  /** A service that anyone may call at any time. */
  addOpen(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    for (const method of servedMethods(definition, implementation)) this.#add({ method, guard: undefined });
  }

  #add(route: Route): void {
    const { path } = route.method;
    if (this.#routes.has(path)) throw new Error(`${path} is served already`);
    this.#routes.set(path, route);
  }

  /** Full names of what is served. */
  get services(): readonly string[] {
    return [...new Set([...this.#routes.keys()].map((path) => path.split('/')[1] ?? ''))];
  }

  /** A new stream: a call, if its client speaks gRPC. */
  take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // Its close is told too, and is what matters.
    stream.on('error', () => undefined);
    const refusal = httpRefusal(headers);
    if (refusal !== undefined) {
      stream.respond(refusal, { endStream: true });
      stream.close(noError);
      return;
    }
    const path = headers[':path'] ?? '';
    const failed = (error: unknown): CallStatus => failureStatus(error, this.#options.logger, path);
    try {
      this.#call(stream, headers, this.#routeOf(path), failed);
    } catch (error) {
      endAtOnce(stream, failed(error));
    }
  }

  /** Throws what a call is refused with. */
  #call(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { method, guard }: Route,
    failed: (error: unknown) => CallStatus,
  ): void {
    const leftMs = timeoutMs(headers['grpc-timeout'] as string | undefined);
    const shed = guard?.shed(leftMs);
    if (shed !== undefined) {
      endAtOnce(stream, shed);
      return;
    }
    const call = new ServedCall(stream, headers, leftMs);
    try {
      const passage = guard?.pass(call, connectionFacts(stream.session));
      const { maxRequestBytes: maxBytes = Infinity, requestTimeoutMs = Infinity } = this.#options;
      const within = (run: () => void): void => withServedSpan(call, run);
      serveCall(stream, method, { call, passage, maxBytes, requestTimeoutMs, failed, within });
    } catch (error) {
      call.end(failed(error));
    }
  }

  #routeOf(path: string): Route {
    const route = this.#routes.get(path);
    if (route === undefined) throw notImplemented(path);
    return route;
  }
}
