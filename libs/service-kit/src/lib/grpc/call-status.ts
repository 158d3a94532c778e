import type { OutgoingHttpHeaders } from 'node:http2';
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

/** The end of a call that did what it was asked for. */
export const done: CallStatus = { code: statusCode.ok };

/** What a handler fails with: a status, or anything else that was thrown at it. */
export function asCallStatus(error: Partial<CallStatus> | { readonly code?: unknown }): CallStatus {
  return typeof error.code === 'number' ? (error as CallStatus) : { ...error, code: statusCode.unknown };
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
