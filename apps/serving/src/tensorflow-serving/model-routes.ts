import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';
import { versionOf } from './version-of.ts';
import { statusOf } from './version-status.ts';

const State = tfs.ModelVersionStatus_State;
const states: Readonly<Record<ServedState, tfs.ModelVersionStatus_State>> = {
  start: State.START,
  loading: State.LOADING,
  available: State.AVAILABLE,
  unloading: State.UNLOADING,
  end: State.END,
};
/** google.rpc code of a version that could not be loaded: INTERNAL. */
const failed = 13;

/** TensorFlow Serving's ModelService. */
export function modelRoutes(models: ModelTable, logger: Logger): Pick<tfs.ModelServiceServer, 'getModelStatus'> {
  return {
    // A version label is not looked at, as in TensorFlow Serving: all versions come back.
    getModelStatus: unary<tfs.GetModelStatusRequest, tfs.GetModelStatusResponse>(logger, async ({ modelSpec }) => {
      if (modelSpec === undefined) throw new InvalidRequest('Missing ModelSpec');
      if (modelSpec.name === '') throw new InvalidRequest('ModelSpec has no name specified.');
      return {
        modelVersionStatus: statusOf(models, modelSpec.name, versionOf(modelSpec)).map((one) => ({
          version: BigInt(one.version),
          state: states[one.state],
          status: { errorCode: one.error === '' ? 0 : failed, errorMessage: one.error },
        })),
      };
    }),
  };
}
