import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';

type Encode = (answer: unknown) => Buffer;
type Decode = (bytes: Buffer) => unknown;

/** A method and what answers it. */
export interface ServedMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly decode: Decode;
  readonly encode: Encode;
  /** As grpc-js calls a handler of this kind; undefined where the implementation has none. */
  readonly handler: ((call: unknown, callback?: unknown) => void) | undefined;
}

/** Methods of a service. Throws `TypeError` for one whose requests are streamed and whose answer is not. */
export function servedMethods(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): readonly ServedMethod[] {
  return Object.entries(definition).map(([name, method]) => {
    const { path, requestStream, responseStream, requestDeserialize, responseSerialize } = method;
    if (requestStream && !responseStream)
      throw new TypeError(`${path}: requests that stream to one answer are not served`);
    return {
      path,
      requestStream,
      responseStream,
      decode: requestDeserialize as Decode,
      encode: responseSerialize as Encode,
      handler: handlerOf(name, method, implementation),
    };
  });
}

export function notImplemented(path: string): ServiceFailure {
  return new ServiceFailure(statusCode.unimplemented, `The server does not implement the method ${path}`);
}

function handlerOf(
  name: string,
  { originalName = name }: MethodDefinition<unknown, unknown>,
  implementation: UntypedServiceImplementation,
): ServedMethod['handler'] {
  const handler = implementation[name] ?? implementation[originalName];
  return handler?.bind(implementation) as ServedMethod['handler'];
}
