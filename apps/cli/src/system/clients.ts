import {
  type ChannelCredentials,
  type Client,
  InterceptingCall,
  type Interceptor,
  ListenerBuilder,
  RequesterBuilder,
  status,
} from '@grpc/grpc-js';
import { batches, evaluation, feedback, ingestion, tensorflowServing, training } from '@adstocrat/schemas';
import type { ServicePorts } from './ports.ts';

/** gRPC clients of all services of a system. Calls take turns among the instances of a service. */
export interface Clients {
  readonly ingestion: ingestion.IngestionServiceClient;
  readonly training: training.TrainingServiceClient;
  readonly evaluation: evaluation.EvaluationServiceClient;
  readonly feedback: feedback.FeedbackServiceClient;
  readonly prediction: tensorflowServing.PredictionServiceClient;
  /** Each server by itself. */
  readonly servers: readonly tensorflowServing.ModelServiceClient[];
  readonly batches: batches.BatchServiceClient;
  /** Cancels what is in progress, and waits until the services know: they stop working on it. */
  close(): Promise<void>;
}

/** Connects lazily: a service may still be starting. `token`: what the services demand. `channel`: how to reach them. */
export function openClients(instances: readonly ServicePorts[], token: string, channel: ChannelCredentials): Clients {
  const calls = new Set<InterceptingCall>();
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // A service that is started again is found again at once.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    interceptors: [withToken(token, calls)],
  };
  const at = (name: keyof ServicePorts): string =>
    `ipv4:${instances.map((ports) => `127.0.0.1:${ports[name]}`).join(',')}`;
  const clients = {
    ingestion: new ingestion.IngestionServiceClient(at('ingestion'), channel, options),
    training: new training.TrainingServiceClient(at('training'), channel, options),
    evaluation: new evaluation.EvaluationServiceClient(at('evaluation'), channel, options),
    feedback: new feedback.FeedbackServiceClient(at('feedback'), channel, options),
    prediction: new tensorflowServing.PredictionServiceClient(at('serving'), channel, options),
    batches: new batches.BatchServiceClient(at('serving'), channel, options),
  };
  const servers = instances.map(
    (ports) => new tensorflowServing.ModelServiceClient(`ipv4:127.0.0.1:${ports.serving}`, channel, options),
  );
  return {
    ...clients,
    servers,
    close: async () => {
      const cancelled = [...calls];
      for (const call of cancelled) call.cancelWithStatus(status.CANCELLED, 'the command ends');
      if (cancelled.length > 0) await Promise.all([clients.ingestion, clients.training].map(roundTrip));
      for (const client of [...Object.values(clients), ...servers]) client.close();
    },
  };
}

/** A connection is read in order: when this is answered, or after half a second, what was sent before has been read. */
function roundTrip(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const empty = (): Buffer => Buffer.alloc(0);
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      empty,
      empty,
      undefined,
      { deadline: Date.now() + 500 },
      () => {
        resolve();
      },
    );
  });
}

/** Each call carries the token, and is in `calls` while it is in progress. */
function withToken(token: string, calls: Set<InterceptingCall>): Interceptor {
  return (options, nextCall) => {
    const requester = new RequesterBuilder().withStart((metadata, _listener, next) => {
      metadata.set('authorization', `Bearer ${token}`);
      calls.add(call);
      const listener = new ListenerBuilder().withOnReceiveStatus((result, done) => {
        calls.delete(call);
        done(result);
      });
      next(metadata, listener.build());
    });
    const call: InterceptingCall = new InterceptingCall(nextCall(options), requester.build());
    return call;
  };
}
