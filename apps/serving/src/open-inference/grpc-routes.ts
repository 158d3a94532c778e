import { openInference as v2 } from '@adstocrat/schemas';
import { InvalidRequest, ServiceFailure } from '@adstocrat/service-kit';
import { bidirectional, type CallContext, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { refusalOf } from '../grpc/guarded-decode.ts';
import { predictionIdKey, predictionIdsKey, predictionLogKey } from '../infer/names.ts';
import { grpcRequest } from './grpc-request.ts';
import { infer, type InferResult, type Inferring } from './infer-call.ts';
import type { ModelStatistics } from './model-statistics.ts';
import type { ModelViews } from './model-views.ts';
import { type ControlRequest, modelOf, type RepositoryControl } from './repository-control.ts';
import { serverMetadata } from './server-metadata.ts';
import { logSettings, refuseChange, traceSettings } from './server-settings.ts';
import { statisticsMessage } from './statistics-view.ts';
import { grpcAnswer } from './wire-answer.ts';

export interface OpenInferenceOptions extends Inferring {
  readonly views: ModelViews;
  readonly control: RepositoryControl;
  /** What all processes of the server count. */
  readonly allStatistics: () => Promise<ModelStatistics>;
  /** True while the server answers requests. */
  readonly ready: () => boolean;
  readonly logger: Logger;
}

/** The Open Inference Protocol over gRPC. */
export function openInferenceRoutes(options: OpenInferenceOptions): v2.GRPCInferenceServiceServer {
  const { views, control, ready, logger, allStatistics } = options;
  return {
    serverLive: unary(logger, async () => ({ live: true })),
    serverReady: unary(logger, async () => ({ ready: ready() })),
    modelReady: unary<v2.ModelReadyRequest, v2.ModelReadyResponse>(logger, async ({ name, version }) => ({
      ready: views.ready(name, version),
    })),
    serverMetadata: unary(logger, async () => serverMetadata),
    modelMetadata: unary<v2.ModelMetadataRequest, v2.ModelMetadataResponse>(logger, async ({ name, version }) =>
      views.metadata(name, version),
    ),
    modelConfig: unary<v2.ModelConfigRequest, v2.ModelConfigResponse>(logger, async ({ name, version }) => ({
      config: views.config(name, version),
    })),
    modelStatistics: unary<v2.ModelStatisticsRequest, v2.ModelStatisticsResponse>(logger, async ({ name, version }) => {
      const asked = views.versions(name, version);
      const all = await allStatistics();
      return { modelStats: asked.map((one) => statisticsMessage(all.of(one.model, one.version))) };
    }),
    repositoryIndex: unary<v2.RepositoryIndexRequest, v2.RepositoryIndexResponse>(
      logger,
      async ({ repositoryName, ready: onlyReady }) => {
        if (repositoryName !== '') throw new InvalidRequest("'repository_name' specification is not supported");
        return { models: [...views.index(onlyReady)] };
      },
    ),
    repositoryModelLoad: unary<v2.RepositoryModelLoadRequest, v2.RepositoryModelLoadResponse>(
      logger,
      async (request, context) => {
        const model = modelOf(request);
        await control.load(controlled(model, request, context));
        return { modelName: model, isLoaded: true };
      },
    ),
    repositoryModelUnload: unary<v2.RepositoryModelUnloadRequest, v2.RepositoryModelUnloadResponse>(
      logger,
      async (request, context) => {
        const model = modelOf(request);
        await control.unload(controlled(model, request, context));
        return { modelName: model, isUnloaded: true };
      },
    ),
    traceSetting: unary<v2.TraceSettingRequest, v2.TraceSettingResponse>(logger, async ({ settings, modelName }) => {
      if (modelName !== '') views.metadata(modelName, '');
      refuseChange('trace', settings.keys());
      return { settings: new Map(Object.entries(traceSettings).map(([name, value]) => [name, { value: [value] }])) };
    }),
    logSettings: unary<v2.LogSettingsRequest, v2.LogSettingsResponse>(logger, async ({ settings }) => {
      refuseChange('log', settings.keys());
      return {
        settings: new Map(
          Object.entries(logSettings(logger.level)).map(([name, value]) => [name, settingValue(value)]),
        ),
      };
    }),
    modelInfer: unary<v2.ModelInferRequest, v2.ModelInferResponse>(logger, async (request, context) => {
      const { answer, ids } = await answerOf(options, request, context);
      if (ids !== undefined) context.sendHeaders({ [predictionIdKey]: ids });
      return grpcAnswer(answer, isRaw(request));
    }),
    modelStreamInfer: bidirectional<v2.ModelInferRequest, v2.ModelStreamInferResponse>(logger, (requests, context) =>
      streamed(options, requests, context),
    ),
  };
}

function controlled(
  model: string,
  { parameters }: Pick<v2.RepositoryModelLoadRequest, 'parameters'>,
  { deadlineMs }: CallContext,
): ControlRequest {
  return { model, parameters: parameters.keys(), ...(deadlineMs === undefined ? {} : { deadlineMs }) };
}

/** An answer each request, in order. One that is refused has an error message instead, and the stream goes on. */
async function* streamed(
  options: OpenInferenceOptions,
  requests: AsyncIterable<v2.ModelInferRequest>,
  context: CallContext,
): AsyncIterable<v2.ModelStreamInferResponse> {
  for await (const request of requests) {
    try {
      const { answer } = await answerOf(options, request, context);
      const inferResponse = grpcAnswer(answer, isRaw(request));
      // Every request has one answer: Triton's clients ask for this mark where they cannot know that.
      inferResponse.parameters.set('triton_final_response', v2.InferParameter.create({ boolParam: true }));
      yield { errorMessage: '', inferResponse };
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error;
      const { id, modelName, modelVersion } = request;
      yield {
        errorMessage: error.message,
        inferResponse: v2.ModelInferResponse.create({ id, modelName, modelVersion }),
      };
    }
  }
}

async function answerOf(
  options: OpenInferenceOptions,
  request: v2.ModelInferRequest,
  { header, caller, signal, deadlineMs }: CallContext,
): Promise<InferResult> {
  const asked = header(predictionIdsKey);
  const refusal = refusalOf(request);
  if (refusal !== undefined) throw refusal;
  return infer(options, {
    protocol: 'v2-grpc',
    model: request.modelName,
    version: request.modelVersion,
    read: (limits, onId) => {
      onId(request.id);
      return grpcRequest(request, limits);
    },
    log: header(predictionLogKey) !== 'off',
    asksForIds: asked === 'body',
    caller,
    signal,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}

function settingValue(value: boolean | number | string): v2.LogSettingsResponse_SettingValue {
  const set = v2.LogSettingsResponse_SettingValue;
  if (typeof value === 'boolean') return set.create({ boolParam: value });
  return typeof value === 'number' ? set.create({ uint32Param: value }) : set.create({ stringParam: value });
}

/** A request with typed contents is answered with typed contents: a client that writes them can read them. */
function isRaw({ rawInputContents, inputs }: v2.ModelInferRequest): boolean {
  return rawInputContents.length > 0 || inputs.length === 0;
}
