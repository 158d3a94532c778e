import type { openInference as v2 } from '@adstocrat/schemas';
import { InvalidRequest, NotFound, ServiceFailure, statusCode, Unavailable } from '@adstocrat/service-kit';

/** Which model a load or unload names, and whatever else it asks for. */
export interface ControlRequest {
  readonly model: string;
  /** Names of parameters that came with it. */
  readonly parameters: Iterable<string>;
  /** The caller's deadline, Unix milliseconds; absent where it set none. */
  readonly deadlineMs?: number;
}

/**
 * Does it in every process of the server: an answer of each, null of one that gave none in time. Undefined where nobody knows. What has
 * not been begun at the deadline, Unix milliseconds, is not done.
 */
export type Steering = (
  about: 'load' | 'unload',
  model: string,
  deadlineMs?: number,
) => Promise<readonly (boolean | null)[] | undefined>;

/** Loads and unloads models on request. */
export class RepositoryControl {
  readonly #steer: Steering;

  constructor(steer: Steering) {
    this.#steer = steer;
  }

  /** Puts into service what its source has of the model. Throws service-kit's failures, in Triton's words. */
  async load(request: ControlRequest): Promise<void> {
    refuseParameters('load', request, []);
    if (!(await this.#all('load', request)))
      throw new ServiceFailure(
        statusCode.internal,
        `failed to load '${request.model}', failed to poll from model repository`,
      );
  }

  /** Takes the model out of service, on this server alone. */
  async unload(request: ControlRequest): Promise<void> {
    // No model here has dependents.
    refuseParameters('unload', request, ['unload_dependents']);
    if (!(await this.#all('unload', request)))
      throw new NotFound(`failed to unload '${request.model}', no such model in the repository`);
  }

  /** False where no process has such a model. Throws where some did it and others did not. */
  async #all(about: 'load' | 'unload', { model, deadlineMs }: ControlRequest): Promise<boolean> {
    const answers = await this.#steer(about, model, deadlineMs);
    if (answers?.every((answer) => answer === false) === true) return false;
    const done = answers?.filter((answer) => answer === true).length ?? 0;
    if (answers === undefined || done < answers.length)
      throw new Unavailable(
        `failed to ${about} '${model}' in all processes: ${done} of ${answers?.length ?? 'some'} did it, ask again`,
      );
    return true;
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
