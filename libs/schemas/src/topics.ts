import {
  BatchEnded,
  ClickSeen,
  ConversionSeen,
  DeploymentChanged,
  ExampleLabelled,
  ImpressionSeen,
  ModelTrained,
  MonitorAlerted,
  PredictionMade,
  RetrainRequested,
  SpanReady,
} from './gen/adstocrat/events/v1/events.ts';
import type { MessageFns } from './gen/adstocrat/events/v1/events.ts';

/** A topic of the event bus and how its one message type becomes bytes. */
export interface TopicContract<T> {
  /** Name on the broker and CloudEvents `type`, for example `span.ready`. */
  readonly name: string;
  /** Full protobuf message name, the CloudEvents `dataschema`. */
  readonly message: string;
  encode(value: T): Uint8Array;
  /** Throws where the bytes are not this message. */
  decode(bytes: Uint8Array): T;
}

function topic<T>(name: string, message: string, codec: MessageFns<T>): TopicContract<T> {
  return {
    name,
    message: `adstocrat.events.v1.${message}`,
    encode: (value) => codec.encode(value).finish(),
    decode: (bytes) => codec.decode(bytes),
  };
}

/** Every topic of adstocrat. Each has a dead-letter topic, `<name>.dead-letter`. */
export const topics = {
  spanReady: topic('span.ready', 'SpanReady', SpanReady),
  modelTrained: topic('model.trained', 'ModelTrained', ModelTrained),
  deploymentChanged: topic('deployment.changed', 'DeploymentChanged', DeploymentChanged),
  predictionMade: topic('prediction.made', 'PredictionMade', PredictionMade),
  impressionSeen: topic('impression.seen', 'ImpressionSeen', ImpressionSeen),
  clickSeen: topic('click.seen', 'ClickSeen', ClickSeen),
  conversionSeen: topic('conversion.seen', 'ConversionSeen', ConversionSeen),
  exampleLabelled: topic('example.labelled', 'ExampleLabelled', ExampleLabelled),
  monitorAlerted: topic('monitor.alerted', 'MonitorAlerted', MonitorAlerted),
  retrainRequested: topic('retrain.requested', 'RetrainRequested', RetrainRequested),
  batchEnded: topic('batch.ended', 'BatchEnded', BatchEnded),
} as const;
