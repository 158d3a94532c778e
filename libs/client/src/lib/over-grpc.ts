import { isIP } from 'node:net';
import { credentials, type ChannelCredentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { serving } from '@adstocrat/schemas';
import { ClientError, type ClientErrorCode } from './client-error.ts';
import type { Features, FeatureValue, ScoredMany, Transport, TransportRequest } from './transport.ts';

export interface GrpcOptions {
  /** Of serving's gRPC: `host:8500`, or several `address:8500` with IP addresses. Calls take turns among those that answer. */
  readonly addresses: readonly string[];
  /** Sent as `authorization: Bearer …`. */
  readonly token?: string;
  /** Default: without TLS. */
  readonly credentials?: ChannelCredentials;
}

/** Scores over gRPC, in Node. Connects lazily. Throws `RangeError` for addresses that cannot be balanced. */
export function overGrpc(options: GrpcOptions): Transport {
  const client = new serving.ClickServiceClient(
    targetOf(options.addresses),
    options.credentials ?? credentials.createInsecure(),
    {
      'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      // The budget of retries is the client's, for whichever transport.
      'grpc.enable_retries': 0,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 2000,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    },
  );
  const metadata = new Metadata();
  if (options.token !== undefined) metadata.set('authorization', `Bearer ${options.token}`);
  return {
    score: (request, leftMs, signal) =>
      new Promise<ScoredMany>((resolve, reject) => {
        const deadline = Date.now() + leftMs;
        const call = client.scoreMany(requestOf(request), metadata, { deadline }, (error, answer) => {
          signal.removeEventListener('abort', cancel);
          if (error !== null) reject(clientError(error));
          else resolve({ ...answer, version: Number(answer.version) });
        });
        const cancel = (): void => {
          call.cancel();
        };
        signal.addEventListener('abort', cancel);
      }),
    close: () => {
      client.close();
    },
  };
}

function targetOf(addresses: readonly string[]): string {
  const [first, ...others] = addresses;
  if (first === undefined) throw new RangeError('at least one address is needed');
  if (others.length === 0) return first;
  const kinds = new Set(addresses.map((address) => isIP(address.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))));
  const [kind] = kinds;
  if (kinds.size > 1 || kind === 0)
    throw new RangeError(`several addresses must all be of IPv4, or all of IPv6, got ${addresses.join(', ')}`);
  return `ipv${kind}:${addresses.join(',')}`;
}

function requestOf({ model, version, label, rows, unlogged, tokens }: TransportRequest): serving.ScoreManyRequest {
  return {
    target: { model, version: version === undefined ? undefined : BigInt(version), label },
    rows: rows.map(({ features, predictionId }) => ({ predictionId, features: featuresOf(features) })),
    unlogged,
    tokens,
  };
}

function featuresOf(features: Features): Map<string, serving.Value> {
  const map = new Map<string, serving.Value>();
  for (const [name, value] of Object.entries(features)) {
    if (value === undefined || value === null || Number.isNaN(value)) continue;
    map.set(name, serving.Value.create(valueOf(value)));
  }
  return map;
}

function valueOf(value: Exclude<FeatureValue, null | undefined>): Partial<serving.Value> {
  switch (typeof value) {
    case 'string':
      return { text: value };
    case 'bigint':
      return { integer: value };
    case 'boolean':
      return { flag: value };
    case 'number':
      return Number.isSafeInteger(value) ? { integer: BigInt(value) } : { number: value };
    default:
      return { image: Buffer.from(value) };
  }
}

const codes: Readonly<Partial<Record<status, ClientErrorCode>>> = {
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [status.RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
  [status.UNAVAILABLE]: 'UNAVAILABLE',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.CANCELLED]: 'CANCELLED',
};

function clientError(error: ServiceError): ClientError {
  return new ClientError(codes[error.code] ?? 'INTERNAL', error.details, { cause: error });
}
