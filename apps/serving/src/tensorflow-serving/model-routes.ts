import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';
import { reloadConfig, type Reloading } from './reload-config.ts';
import { statusOf } from './version-status.ts';

const { Code, ModelVersionStatus_State: State } = tfs;
const states: Readonly<Record<ServedState, tfs.ModelVersionStatus_State>> = {
  start: State.START,
  loading: State.LOADING,
  available: State.AVAILABLE,
  unloading: State.UNLOADING,
  end: State.END,
};

/** TensorFlow Serving's ModelService. */
export function modelRoutes(
  options: Reloading & { readonly models: ModelTable; readonly logger: Logger },
): tfs.ModelServiceServer {
  const { models, logger } = options;
  return {
    // A version label is not looked at, as in TensorFlow Serving: all versions come back.
    getModelStatus: unary<tfs.GetModelStatusRequest, tfs.GetModelStatusResponse>(logger, async ({ modelSpec }) => {
      if (modelSpec === undefined) throw new InvalidRequest('Missing ModelSpec');
      return {
        modelVersionStatus: statusOf(models, modelSpec.name, modelSpec.version).map(({ version, state, error }) => ({
          version: BigInt(version),
          state: states[state],
          status: { errorCode: error === '' ? Code.OK : Code.INTERNAL, errorMessage: error },
        })),
      };
    }),
    handleReloadConfigRequest: unary<tfs.ReloadConfigRequest, tfs.ReloadConfigResponse>(
      logger,
      async ({ config, metricNames }) => {
        await reloadConfig(options, config);
        return {
          status: { errorCode: Code.OK, errorMessage: '' },
          metric: metricNames.map((name) => ({ name, int64ValueIncrease: 0n })),
        };
      },
    ),
  };
}
