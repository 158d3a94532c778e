import type { openInference as v2 } from '@adstocrat/schemas';
import {
  bearerCheck,
  InvalidRequest,
  NotFound,
  ServiceFailure,
  statusCode,
  Unauthenticated,
} from '@adstocrat/service-kit';
import type { LoadedDeployments } from '../models/loaded-deployments.ts';

/** Which model a load or unload names, and whatever else it asks for. */
export interface ControlRequest {
  readonly model: string;
  /** Names of parameters that came with it. */
  readonly parameters: Iterable<string>;
  /** What the caller sent as its authorization. */
  readonly authorization: string | undefined;
}

/** Loads and unloads models on request. Where the server has a token, only who holds it may. */
export class RepositoryControl {
  readonly #deployments: LoadedDeployments;
  readonly #holdsToken: (authorization: string | undefined) => boolean;

  constructor({
    deployments,
    token,
  }: {
    readonly deployments: LoadedDeployments;
    readonly token?: string | undefined;
  }) {
    this.#deployments = deployments;
    this.#holdsToken = token === undefined ? () => true : bearerCheck(token);
  }

  /** Puts into service what is deployed of the model. Throws service-kit's failures, in Triton's words. */
  async load(request: ControlRequest): Promise<void> {
    this.#check('load', request, []);
    if (!(await this.#deployments.restore(request.model)))
      throw new ServiceFailure(
        statusCode.internal,
        `failed to load '${request.model}', failed to poll from model repository`,
      );
  }

  /** Takes the model out of service, on this server alone. */
  async unload(request: ControlRequest): Promise<void> {
    // No model here has dependents.
    this.#check('unload', request, ['unload_dependents']);
    if (!(await this.#deployments.withdraw(request.model)))
      throw new NotFound(`failed to unload '${request.model}', no such model in the repository`);
  }

  #check(action: string, { parameters, authorization }: ControlRequest, known: readonly string[]): void {
    if (!this.#holdsToken(authorization))
      throw new Unauthenticated(
        `to ${action} a model, send "authorization: Bearer TOKEN" with what SERVICE_TOKEN was set to`,
      );
    for (const parameter of parameters)
      if (!known.includes(parameter))
        throw new InvalidRequest(
          `${action} parameter '${parameter.slice(0, 80)}' is not supported: a model's files come from the registry alone`,
        );
  }
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
