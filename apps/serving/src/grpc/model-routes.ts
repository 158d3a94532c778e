import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';

/** A version's state as both protocols tell it. */
export interface VersionStatus {
  readonly version: number;
  readonly state: ServedState;
  readonly error: string;
}

/** The states of a model's versions, or of the one asked for. Throws {@link NotFound}, in TensorFlow Serving's words. */
export function statusOf(models: ModelTable, name: string, version?: number): readonly VersionStatus[] {
  const states = models.get(name)?.states() ?? [];
  if (states.length === 0) throw new NotFound(`Could not find any versions of model ${name}`);
  if (version === undefined) return states;
  const found = states.filter((one) => one.version === version);
  if (found.length === 0) throw new NotFound(`Could not find version ${version} of model ${name}`);
  return found;
}

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
export function modelRoutes(models: ModelTable, logger: Logger): tfs.ModelServiceServer {
  return {
    // A version label is not looked at, as in TensorFlow Serving: all versions come back.
    getModelStatus: unary<tfs.GetModelStatusRequest, tfs.GetModelStatusResponse>(logger, async ({ modelSpec }) => {
      if (modelSpec === undefined) throw new InvalidRequest('Missing ModelSpec');
      if (modelSpec.name === '') throw new InvalidRequest('ModelSpec has no name specified.');
      return {
        modelVersionStatus: statusOf(models, modelSpec.name, modelSpec.version).map((one) => ({
          version: one.version,
          state: states[one.state],
          status: { errorCode: one.error === '' ? 0 : failed, errorMessage: one.error },
        })),
      };
    }),
  };
}
