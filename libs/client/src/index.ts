export { ClickClient } from './lib/click-client.ts';
export type {
  CallOptions,
  ClickClientOptions,
  FactOptions,
  Prediction,
  RowOptions,
  ScoreOptions,
  StreamOptions,
  StreamRow,
} from './lib/click-client.ts';
export { ClientError } from './lib/client-error.ts';
export { overFetch } from './lib/over-fetch.ts';
export type { FetchOptions } from './lib/over-fetch.ts';
export type { RetryOptions } from './lib/retrying.ts';
export type { Features, FeatureValue, Scored, ScoredMany, Transport, TransportRequest } from './lib/transport.ts';
