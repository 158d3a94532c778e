import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';

const sizes = new WeakMap<object, number>();

/** The service as it is, but that {@link sizeOf} knows the bytes of its requests: an interceptor sees them decoded. */
export function withSizes<T extends UntypedServiceImplementation>(
  definition: ServiceDefinition<T>,
): ServiceDefinition<T> {
  return Object.fromEntries(
    Object.entries(definition).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: (bytes: Buffer): unknown => {
          const message = method.requestDeserialize(bytes) as unknown;
          if (typeof message === 'object' && message !== null) sizes.set(message, bytes.length);
          return message;
        },
      },
    ]),
  ) as ServiceDefinition<T>;
}

/** Bytes of a request as it came, uncompressed; 0 for what is no request. */
export function sizeOf(message: unknown): number {
  return typeof message === 'object' && message !== null ? (sizes.get(message) ?? 0) : 0;
}
