import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';

/** gRPC of any message format; gRPC-Web begins likewise, and is framed in another way. */
const grpcType = /^application\/grpc(?:[+;]|$)/;

/** What is answered to a request that is no gRPC call, by its headers; undefined for one that is. */
export function httpRefusal(headers: IncomingHttpHeaders): OutgoingHttpHeaders | undefined {
  if (!grpcType.test(headers['content-type'] ?? '')) return { ':status': 415 };
  return headers[':method'] === 'POST' ? undefined : { ':status': 405, allow: 'POST' };
}
