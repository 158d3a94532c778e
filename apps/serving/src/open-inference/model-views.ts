import type { TensorSpec } from '@adstocrat/inference';
import { openInference as v2 } from '@adstocrat/schemas';
import { describe } from '../infer/model-description.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { InferenceFailure } from '../infer/inference-failure.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedState } from '../models/served-model.ts';
import { type Datatype } from './datatype.ts';
import { inTritonsWords } from './failure-words.ts';
import { datatypeOfInput, datatypeOfOutput } from './signature-check.ts';
import { datatypeOfElements, shapeTold } from './tensor-call.ts';
import { targetOf } from './wire-request.ts';

const platform = 'onnxruntime_onnx';

/** What is told of models, in the messages of the protocol. Each throws service-kit's failures, in Triton's words. */
export class ModelViews {
  readonly #models: ModelTable;
  readonly #maxRows: number;

  constructor({ models, service }: { readonly models: ModelTable; readonly service: InferenceService }) {
    this.#models = models;
    this.#maxRows = service.limits.rows;
  }

  /** True where the version answers; without one, where the model does. False for what is unknown. */
  ready(model: string, version: string): boolean {
    try {
      const described = describe(this.#models, targetOf(model, version));
      return this.#models.get(model)?.troubleOf(described.version) === undefined;
    } catch (error) {
      if (error instanceof InferenceFailure) return false;
      throw error;
    }
  }

  /** True for a model that has or had a version here. */
  knows(model: string): boolean {
    return this.#models.get(model) !== undefined;
  }

  metadata(model: string, version: string): v2.ModelMetadataResponse {
    const { signature, versions } = this.#describe(model, version);
    return {
      name: model,
      versions: versions.filter(({ state }) => state === 'available').map(({ version: one }) => String(one)),
      platform,
      ...(signature.kind === 'tensors'
        ? { inputs: signature.inputs.map(tensorTold), outputs: signature.outputs.map(tensorTold) }
        : {
            // [rows] is taken too. Triton's tools need a dimension beside the batch's.
            inputs: signature.inputs.map((input) => tensor(input.name, datatypeOfInput(input), [-1n, 1n])),
            outputs: signature.outputs.map((output) => tensor(output.name, datatypeOfOutput(output), [-1n])),
          }),
    };
  }

  /** Each row is an element of the batch. */
  config(model: string, version: string): v2.ModelConfig {
    const { signature } = this.#describe(model, version);
    const common = { name: model, platform, backend: 'onnxruntime', defaultModelFilename: 'model.onnx' };
    if (signature.kind === 'tensors') {
      const { hasRows } = signature;
      // The batch's dimension is not told among the others where there is one.
      const told = (spec: TensorSpec) => ({
        name: spec.name,
        dataType: configType(datatypeOfElements(spec.type)),
        dims: shapeTold(spec).slice(hasRows ? 1 : 0),
      });
      return v2.ModelConfig.create({
        ...common,
        maxBatchSize: hasRows ? this.#maxRows : 0,
        input: signature.inputs.map(told),
        output: signature.outputs.map(told),
      });
    }
    return v2.ModelConfig.create({
      ...common,
      versionPolicy: { all: {} },
      maxBatchSize: this.#maxRows,
      input: signature.inputs.map((input) => ({
        name: input.name,
        dataType: configType(datatypeOfInput(input)),
        dims: [1n],
        optional: true,
      })),
      output: signature.outputs.map((output) => ({
        name: output.name,
        dataType: configType(datatypeOfOutput(output)),
        // Triton's tools read of no dimension that it is not told. An answer is [rows].
        dims: [1n],
      })),
    });
  }

  /** Every version that is or was here, with its state in Triton's words. */
  index(onlyReady: boolean): readonly v2.RepositoryIndexResponse_ModelIndex[] {
    return this.#models.list().flatMap((served) =>
      served
        .states()
        .filter(({ state }) => !onlyReady || state === 'available')
        .map(({ version, state, error }) => ({
          name: served.name,
          version: String(version),
          state: repositoryStates[state],
          reason: state === 'end' ? error || 'unloaded' : error,
        })),
    );
  }

  /** The versions that are available, of one model or of all; or the version asked for. */
  versions(model: string, version: string): readonly { readonly model: string; readonly version: number }[] {
    if (model === '') return this.#models.list().flatMap((served) => availableOf(served.name, served.states()));
    const described = this.#describe(model, version);
    return version === '' ? availableOf(model, described.versions) : [{ model, version: described.version }];
  }

  #describe(model: string, version: string): ReturnType<typeof describe> {
    try {
      return describe(this.#models, targetOf(model, version));
    } catch (error) {
      throw inTritonsWords(error, { model, known: this.knows(model) });
    }
  }
}

const repositoryStates: Readonly<Record<ServedState, string>> = {
  start: 'LOADING',
  loading: 'LOADING',
  available: 'READY',
  unloading: 'UNLOADING',
  end: 'UNAVAILABLE',
};

function availableOf(
  model: string,
  states: readonly { readonly version: number; readonly state: ServedState }[],
): readonly { readonly model: string; readonly version: number }[] {
  return states.filter(({ state }) => state === 'available').map(({ version }) => ({ model, version }));
}

function tensor(name: string, datatype: Datatype, shape: bigint[]): v2.ModelMetadataResponse_TensorMetadata {
  return { name, datatype, shape };
}

function tensorTold(spec: TensorSpec): v2.ModelMetadataResponse_TensorMetadata {
  return tensor(spec.name, datatypeOfElements(spec.type), shapeTold(spec));
}

function configType(datatype: Datatype): v2.DataType {
  const name = datatype === 'BYTES' ? 'TYPE_STRING' : (`TYPE_${datatype}` as const);
  return v2.DataType[name];
}
