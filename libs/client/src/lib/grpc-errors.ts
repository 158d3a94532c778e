import { type ServiceError, status } from '@grpc/grpc-js';
import { ClientError, type ClientErrorCode } from './client-error.ts';

/** By gRPC's number. */
export const codes: Readonly<Partial<Record<number, ClientErrorCode>>> = {
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [status.RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
  [status.UNAVAILABLE]: 'UNAVAILABLE',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.CANCELLED]: 'CANCELLED',
};

/** What gRPC says of a call. */
export function clientError(error: ServiceError): ClientError {
  return new ClientError(codes[error.code] ?? 'INTERNAL', error.details, { cause: error });
}
