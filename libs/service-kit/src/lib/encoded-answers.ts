import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { asStatus } from './grpc-handlers.ts';
import type { Logger } from './logger.ts';
import { ResourceExhausted } from './service-error.ts';

/** gRPC says the length of a message in 32 bits. */
const mostBytes = 2 ** 32 - 1;

interface Service {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/* What grpc-js knows of a call of either kind. */
interface AnyCall {
  getPath(): string;
  write?(message: unknown, ...rest: unknown[]): boolean;
}
type Callback = (error: unknown, answer?: unknown, ...rest: unknown[]) => void;
type Handler = (call: AnyCall, callback?: Callback) => void;

/**
 * The service as it is, but that answers are encoded before grpc-js has them: where one cannot be, the call fails as any other does, with
 * an id that the log has, and not with "Error serializing response" and nothing in the log.
 */
export function withEncodedAnswers({ definition, implementation }: Service, logger: Logger): Service {
  const methods = Object.entries(definition);
  const handlers = methods.flatMap(([name, { originalName, responseSerialize, responseStream }]) => {
    const key = implementation[name] === undefined && originalName !== undefined ? originalName : name;
    const handler = implementation[key];
    if (handler === undefined) return [];
    const encode = (answer: unknown): Buffer => encoded(responseSerialize, answer);
    const wrap = responseStream ? streamed : answered;
    return [[key, wrap(handler.bind(implementation) as Handler, encode, logger)] as const];
  });
  return {
    definition: Object.fromEntries(
      methods.map(([name, method]) => [name, { ...method, responseSerialize: (bytes: Buffer) => bytes }]),
    ),
    implementation: { ...implementation, ...Object.fromEntries(handlers) } as UntypedServiceImplementation,
  };
}

type Encode = (answer: unknown) => Buffer;

function answered(handler: Handler, encode: Encode, logger: Logger): Handler {
  return (call, callback) =>
    handler(call, (error, answer, ...rest) => {
      if (error !== null && error !== undefined) return callback?.(error, answer, ...rest);
      let bytes: Buffer;
      try {
        bytes = encode(answer);
      } catch (thrown) {
        return callback?.(asStatus(thrown, logger, call.getPath()));
      }
      callback?.(null, bytes, ...rest);
    });
}

/** What cannot be encoded is thrown where it is written, and fails the stream. */
function streamed(handler: Handler, encode: Encode): Handler {
  return (call, callback) => {
    const write = call.write?.bind(call);
    if (write !== undefined) call.write = (message, ...rest) => write(encode(message), ...rest);
    handler(call, callback);
  };
}

function encoded(serialize: Encode, answer: unknown): Buffer {
  const bytes = serialize(answer);
  if (bytes.length > mostBytes)
    throw new ResourceExhausted(
      `the answer takes ${bytes.length} bytes, and gRPC carries ${mostBytes} in a message: ask for fewer rows or outputs`,
    );
  return bytes;
}
