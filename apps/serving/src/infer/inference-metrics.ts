import { ServiceFailure, statusCode } from '@adstocrat/service-kit';
import { counter, histogram } from '@adstocrat/service-kit/telemetry';
import type { ModelTable } from '../models/model-table.ts';
import { BadInput, InferenceFailure, TooLarge } from './inference-failure.ts';
import type { InferenceRequest, ModelTarget, Protocol } from './inference-request.ts';

const requests = counter('adstocrat.serving.requests', {
  unit: '{request}',
  description: 'Inference requests that were read, by protocol, model, version and google.rpc code.',
});
const duration = histogram('adstocrat.serving.request.duration', {
  unit: 's',
  description: 'From a request that is read to its answer, logged.',
  bounds: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
});
const rows = counter('adstocrat.serving.rows', { unit: '{row}', description: 'Rows answered.' });
const requestRows = histogram('adstocrat.serving.request.rows', {
  unit: '{row}',
  description: 'Rows of an answered request.',
  bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096, 16_384, 65_536],
});
const refused = counter('adstocrat.serving.refused', {
  unit: '{request}',
  description: 'Inference requests that got no answer, by reason.',
});
/** As TensorFlow Serving names them, for dashboards that are there already. */
const theirRequests = counter(':tensorflow:serving:request_count', {
  unit: '{request}',
  description: 'The total number of requests.',
});
const theirLatency = histogram(':tensorflow:serving:request_latency', {
  unit: 'us',
  description: 'Distribution of wall time (in microseconds) for Tensorflow Serving request.',
  // Exponential, 10 × 1.8^n.
  bounds: Array.from({ length: 33 }, (_, n) => 10 * 1.8 ** n),
});

const codeNames = new Map<number, string>(
  Object.entries(statusCode).map(([name, code]) => [code, name.replace(/[A-Z]/g, '_$&').toUpperCase()]),
);

/** What adds an answer to each of its series, found once. */
interface AnswerSeries {
  answered(rows: number): void;
  took(ms: number): void;
}

/** Counts what becomes of requests. Names of models and versions that are not known here are strangers', and are not told. */
export class InferenceMetrics {
  readonly #models: ModelTable;
  /** By protocol, version and model. */
  readonly #series = new Map<string, AnswerSeries>();

  constructor(models: ModelTable) {
    this.#models = models;
  }

  answered(
    { protocol }: Pick<InferenceRequest, 'protocol'>,
    { model, version, rows: count }: { readonly model: string; readonly version: number; readonly rows: number },
    ms: number,
  ): void {
    const key = `${protocol}/${version}/${model}`;
    let series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, (series = answerSeries(protocol, model, version)));
    series.answered(count);
    series.took(ms);
  }

  failed(
    { protocol, model: asked, version: wanted }: ModelTarget & Pick<InferenceRequest, 'protocol'>,
    error: unknown,
    ms: number,
  ): void {
    const served = this.#models.get(asked);
    const model = served === undefined ? '' : asked;
    const version = wanted === undefined || served?.stateOf(wanted) === undefined ? '' : wanted;
    const code = codeNames.get(error instanceof ServiceFailure ? error.code : statusCode.internal) ?? 'UNKNOWN';
    requests.add(1, { protocol, model, version, code });
    refused.add(1, { model, reason: reasonOf(error, code) });
    durations(protocol, model, code)(ms);
  }
}

function answerSeries(protocol: Protocol, model: string, version: number): AnswerSeries {
  const [request, row] = [requests.of({ protocol, model, version, code: 'OK' }), rows.of({ model, version })];
  const size = requestRows.of({ model });
  return {
    answered: (count) => {
      request(1);
      row(count);
      size(count);
    },
    took: durations(protocol, model, 'OK'),
  };
}

/** What records how long a request took, milliseconds. */
function durations(protocol: Protocol, model: string, code: string): (ms: number) => void {
  const ours = duration.of({ protocol, model });
  if (!protocol.startsWith('tensorflow')) return (ms) => ours(ms / 1000);
  const request = theirRequests.of({ model_name: model, status: code });
  const entrypoint = protocol === 'tensorflow-rest' ? 'REST' : 'GRPC';
  const latency = theirLatency.of({ model_name: model, API: 'Predict', entrypoint });
  return (ms) => {
    ours(ms / 1000);
    request(1);
    latency(ms * 1000);
  };
}

function reasonOf(error: unknown, code: string): string {
  if (error instanceof BadInput) return `input-${error.reason}`;
  if (error instanceof TooLarge) return `too-large-${error.what}`;
  if (error instanceof InferenceFailure) return kebab(error.name);
  return code.toLowerCase().replaceAll('_', '-');
}

function kebab(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
}
