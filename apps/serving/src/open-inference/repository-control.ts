import type { openInference as v2 } from '@adstocrat/schemas';
import { InvalidRequest, NotFound, ServiceFailure, statusCode } from '@adstocrat/service-kit';
import type { ModelSource } from '../models/model-source.ts';

/** Which model a load or unload names, and whatever else it asks for. */
export interface ControlRequest {
  readonly model: string;
  /** Names of parameters that came with it. */
  readonly parameters: Iterable<string>;
}

/** Loads and unloads models on request. */
export class RepositoryControl {
  readonly #sources: readonly ModelSource[];

  constructor(sources: readonly ModelSource[]) {
    this.#sources = sources;
  }

  /** Puts into service what its source has of the model. Throws service-kit's failures, in Triton's words. */
  async load(request: ControlRequest): Promise<void> {
    refuseParameters('load', request, []);
    if (!(await this.#anyOf((source) => source.restore(request.model))))
      throw new ServiceFailure(
        statusCode.internal,
        `failed to load '${request.model}', failed to poll from model repository`,
      );
  }

  /** Takes the model out of service, on this server alone. */
  async unload(request: ControlRequest): Promise<void> {
    // No model here has dependents.
    refuseParameters('unload', request, ['unload_dependents']);
    if (!(await this.#anyOf((source) => source.withdraw(request.model))))
      throw new NotFound(`failed to unload '${request.model}', no such model in the repository`);
  }

  async #anyOf(does: (source: ModelSource) => Promise<boolean>): Promise<boolean> {
    for (const source of this.#sources) if (await does(source)) return true;
    return false;
  }
}

function refuseParameters(action: string, { parameters }: ControlRequest, known: readonly string[]): void {
  for (const parameter of parameters)
    if (!known.includes(parameter))
      throw new InvalidRequest(
        `${action} parameter '${parameter.slice(0, 80)}' is not supported: a model's files come from the registry and the server's folders alone`,
      );
}

/** The model of a message of either dialect: KServe has its name in the field that is the repository's in Triton. */
export function modelOf({
  repositoryName,
  modelName,
}: Pick<v2.RepositoryModelLoadRequest, 'repositoryName' | 'modelName'>): string {
  if (modelName !== '' && repositoryName !== '')
    throw new InvalidRequest("'repository_name' specification is not supported");
  return modelName === '' ? repositoryName : modelName;
}
