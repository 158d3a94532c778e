import { credentials, InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import { evaluation, feedback, ingestion, tensorflowServing, training } from '@adstocrat/schemas';
import type { SystemPorts } from './ports.ts';

/** gRPC clients of all services of a system. */
export interface Clients {
  readonly ingestion: ingestion.IngestionServiceClient;
  readonly training: training.TrainingServiceClient;
  readonly evaluation: evaluation.EvaluationServiceClient;
  readonly feedback: feedback.FeedbackServiceClient;
  readonly prediction: tensorflowServing.PredictionServiceClient;
  readonly models: tensorflowServing.ModelServiceClient;
  close(): void;
}

/** Connects lazily: a service may still be starting. `token`: what the services demand. */
export function openClients(ports: SystemPorts, token: string): Clients {
  const insecure = credentials.createInsecure();
  const options = {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // A service that is started again is found again at once.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    interceptors: [withToken(token)],
  };
  const at = (port: number): string => `127.0.0.1:${port}`;
  const clients = {
    ingestion: new ingestion.IngestionServiceClient(at(ports.ingestion), insecure, options),
    training: new training.TrainingServiceClient(at(ports.training), insecure, options),
    evaluation: new evaluation.EvaluationServiceClient(at(ports.evaluation), insecure, options),
    feedback: new feedback.FeedbackServiceClient(at(ports.feedback), insecure, options),
    prediction: new tensorflowServing.PredictionServiceClient(at(ports.serving), insecure, options),
    models: new tensorflowServing.ModelServiceClient(at(ports.serving), insecure, options),
  };
  return {
    ...clients,
    close: () => {
      for (const client of Object.values(clients)) client.close();
    },
  };
}

function withToken(token: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        metadata.set('authorization', `Bearer ${token}`);
        next(metadata, listener);
      },
    });
}
