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

/** The states of a model's versions, or of the one asked for. Throws {@link NotFound}. */
export function statusOf(
  models: ModelTable,
  name: string,
  choice: { readonly version?: number; readonly label?: string } = {},
): readonly VersionStatus[] {
  const model = models.get(name);
  if (model === undefined) throw new NotFound(`no model "${name}" is deployed here`);
  const version = choice.version ?? (choice.label === undefined ? undefined : model.routing?.labels[choice.label]);
  if (choice.label !== undefined && version === undefined)
    throw new NotFound(`model "${name}" has no label "${choice.label}"`);
  const found = model.states().filter((one) => version === undefined || one.version === version);
  if (version !== undefined && found.length === 0) throw new NotFound(`model "${name}" has no version ${version}`);
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
    getModelStatus: unary<tfs.GetModelStatusRequest, tfs.GetModelStatusResponse>(logger, ({ modelSpec }) => {
      const { name = '', version, versionLabel } = modelSpec ?? {};
      if (name === '') return Promise.reject(new InvalidRequest('model_spec.name is missing: name the model'));
      try {
        const found = statusOf(models, name, {
          ...(version === undefined ? {} : { version }),
          ...(versionLabel === undefined || versionLabel === '' ? {} : { label: versionLabel }),
        });
        const modelVersionStatus = found.map((one) => ({
          version: one.version,
          state: states[one.state],
          status: { errorCode: one.error === '' ? 0 : failed, errorMessage: one.error },
        }));
        return Promise.resolve({ modelVersionStatus });
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }),
  };
}
