import { answeredIds } from '../infer/answered-ids.ts';
import type { InferenceAnswer } from '../infer/inference-request.ts';
import type { InferenceLimits } from '../infer/admit.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { describe } from '../infer/model-description.ts';
import { predictionIdName, scoreName } from '../infer/names.ts';
import type { InputTensor } from '../infer/tensor.ts';
import type { TensorService } from '../infer/tensors/tensor-service.ts';
import type { ModelTable } from '../models/model-table.ts';
import { inTritonsWords } from './failure-words.ts';
import type { ModelStatistics } from './model-statistics.ts';
import { checkRequest } from './signature-check.ts';
import { inferTensors } from './tensor-call.ts';
import type { WireAnswer, WireOutput } from './wire-answer.ts';
import { targetOf, type WireRequest } from './wire-request.ts';

/** What an infer request asks for beside its message or body. */
export interface InferCall {
  readonly protocol: 'v2-grpc' | 'v2-rest';
  readonly model: string;
  /** Empty: the split in force decides. */
  readonly version: string;
  /** Reads the request, within the limits of what answers it. It is asked for once the model is known to be there. `onId` is told the request's id before anything of it is refused. */
  readonly read: (limits: InferenceLimits, onId: (id: string) => void) => WireRequest;
  /** False keeps the rows out of the prediction log. */
  readonly log: boolean;
  /** True asks for the rows' ids as an output. */
  readonly asksForIds: boolean;
  readonly caller: string;
  readonly signal: AbortSignal;
  /** Unix milliseconds after which nobody waits. */
  readonly deadlineMs?: number;
}

export interface InferResult {
  readonly answer: WireAnswer;
  /** The rows' ids for the header or initial metadata, where they are few. */
  readonly ids?: string;
}

export interface Inferring {
  readonly service: InferenceService;
  /** Answers for plain ONNX models. */
  readonly tensors: TensorService;
  readonly models: ModelTable;
  readonly statistics: ModelStatistics;
}

/** Answers an infer request of either transport. Throws service-kit's failures, in Triton's words. */
export async function infer(serving: Inferring, call: InferCall): Promise<InferResult> {
  const begun = performance.now();
  const { service, tensors, models, statistics } = serving;
  const { model, version, log, caller, signal, deadlineMs } = call;
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  const target = targetOf(model, version);
  let requestId = '';
  let described: number | undefined;
  try {
    const description = describe(models, target);
    described = description.version;
    const { signature } = description;
    const request = call.read(signature.kind === 'tensors' ? tensors.limits : service.limits, (id) => {
      requestId = id;
    });
    if (signature.kind === 'tensors') {
      const read = performance.now();
      const { protocol } = call;
      const waiting = { protocol, signal, ...deadline };
      const { answer, wire } = await inferTensors(tensors, { ...description, signature }, request, waiting);
      const durations = { inputNs: nanoseconds(read - begun), inferNs: nanoseconds(performance.now() - read) };
      statistics.answered(model, answer.version, answer.rows, durations, Date.now());
      return { answer: wire };
    }
    checkRequest(model, request, signature);
    const wantsIds = call.asksForIds || request.outputs.some(({ name }) => name === predictionIdName);
    const read = performance.now();
    const answer = await service.infer({
      protocol: call.protocol,
      ...target,
      ...(request.id === '' ? {} : { id: request.id }),
      inputs: new Map<string, InputTensor>(request.inputs.map((input) => [input.name, input])),
      log,
      wantsIds,
      caller,
      signal,
      ...deadline,
    });
    const ended = performance.now();
    statistics.answered(
      model,
      answer.version,
      answer.scores.length,
      { inputNs: nanoseconds(read - begun), inferNs: nanoseconds(ended - read) },
      Date.now(),
    );
    return resultOf(request, answer, wantsIds);
  } catch (error) {
    if (described !== undefined) statistics.failed(model, described, nanoseconds(performance.now() - begun));
    throw inTritonsWords(error, { model, known: models.get(model) !== undefined, requestId });
  }
}

/** The outputs that the request names; all where it names none, the ids of few rows only where they were asked for. */
function resultOf(request: WireRequest, answer: InferenceAnswer, wantsIds: boolean): InferResult {
  const { header, inBody } = answeredIds(answer.predictionIds, wantsIds);
  const { predictionIds = [] } = answer;
  const { allBinary: binary = false } = request;
  const byDefault = [{ name: scoreName, binary }, ...(inBody ? [{ name: predictionIdName, binary }] : [])];
  const wanted = request.outputs.length === 0 ? byDefault : request.outputs;
  const outputs = wanted.map((output): WireOutput =>
    output.name === predictionIdName
      ? { ...output, datatype: 'BYTES', shape: [predictionIds.length], values: predictionIds }
      : {
          ...output,
          datatype: 'FP32',
          shape: [answer.scores.length],
          values: answer.scores as Float32Array<ArrayBuffer>,
        },
  );
  const wire: WireAnswer = { model: answer.model, version: String(answer.version), id: request.id, outputs };
  return header === undefined ? { answer: wire } : { answer: wire, ids: header };
}

function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}
