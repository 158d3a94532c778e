import type { OutgoingHttpHeaders } from 'node:http2';
import type { Metadata } from '@grpc/grpc-js';
import { errorText } from '../error-text.ts';
import type { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';
import { retryHeaders } from '../entrance/retry-later.ts';

/** What a call ends with. */
export interface CallStatus {
  readonly code: number;
  readonly details?: string;
  /** Further trailers. */
  readonly headers?: OutgoingHttpHeaders;
}

interface HandlersError {
  readonly code?: unknown;
  readonly details?: string;
  readonly metadata?: Metadata | null;
}

/** The end of a call that did what it was asked for. */
export const done: CallStatus = { code: statusCode.ok };

/** What a handler fails with, as grpc-js has it: anything with a code. */
export function asCallStatus({ code, details, metadata }: HandlersError): CallStatus {
  return {
    code: typeof code === 'number' ? code : statusCode.unknown,
    ...(details === undefined ? {} : { details }),
    ...(metadata === undefined || metadata === null ? {} : { headers: metadata.toHttp2Headers() }),
  };
}

export function statusOf(failure: ServiceFailure): CallStatus {
  return { code: failure.code, details: errorText(failure.message), headers: retryHeaders(failure) };
}

const known = new WeakMap<CallStatus, OutgoingHttpHeaders>();

/** As trailers, or as the headers of an answer that has nothing else. Made once of each status. */
export function statusHeaders(status: CallStatus): OutgoingHttpHeaders {
  let headers = known.get(status);
  if (headers === undefined) {
    const { code, details = '', headers: further } = status;
    headers = {
      'grpc-status': String(code),
      ...(details === '' ? {} : { 'grpc-message': encodeURI(errorText(details)) }),
      ...further,
    };
    known.set(status, headers);
  }
  return headers;
}
