import { isIP } from 'node:net';
import { credentials, type ChannelCredentials, Metadata } from '@grpc/grpc-js';
import { serving } from '@adstocrat/schemas';
import { clientError } from './grpc-errors.ts';
import { requestOf } from './grpc-messages.ts';
import { GrpcRowStream } from './grpc-row-stream.ts';
import type { ScoredMany, Transport } from './transport.ts';

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
    stream: () =>
      new GrpcRowStream(() => {
        const { path, responseDeserialize } = serving.ClickServiceService.scoreStream;
        // Rows come encoded: one that cannot be must not end the call of the others.
        return client.makeBidiStreamRequest(path, (bytes: Buffer) => bytes, responseDeserialize, metadata);
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
