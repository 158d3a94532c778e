import { InvalidRequest, NotFound, Unavailable } from '@adstocrat/service-kit';
import { BadInput, TooLarge, UnknownLabel, UnknownModel, VersionNotAvailable } from '../infer/inference-failure.ts';

/**
 * A failure in the words of Triton Inference Server, which its clients look for. `known`: the model has or had a version here.
 * `requestId` is empty where the request has none.
 */
export function inTritonsWords(
  error: unknown,
  { model, known, requestId = '' }: { readonly model: string; readonly known: boolean; readonly requestId?: string },
): unknown {
  const options = { cause: error };
  const request = requestPrefix(requestId);
  if (error instanceof UnknownModel) {
    if (known && error.version === undefined) return new NotFound(noVersions(model), options);
    return new NotFound(unknown(model, error.version), options);
  }
  if (error instanceof UnknownLabel) return new NotFound(unknown(model, error.label), options);
  if (error instanceof VersionNotAvailable) {
    const { version, known } = error;
    if (version === undefined) return new NotFound(noVersions(model), options);
    if (!known) return new NotFound(unknown(model, version), options);
    return new Unavailable(`Request for unknown model: '${model}' version ${version} is not at ready state`, options);
  }
  if (error instanceof BadInput) {
    if (error.reason === 'unknown')
      return new InvalidRequest(`unexpected inference input '${error.input}' for model '${model}'`, options);
    if (error.reason === 'none')
      return new InvalidRequest(
        `${request}expected at least 1 input but got 0 inputs for model '${model}'. Please provide the inputs that the model's metadata names.`,
        options,
      );
    return new InvalidRequest(request + error.message, options);
  }
  if (error instanceof TooLarge) return new InvalidRequest(request + error.message, options);
  return error;
}

function noVersions(model: string): string {
  return `Request for unknown model: '${model}' has no available versions`;
}

function unknown(model: string, version: number | string | undefined): string {
  const which = version === undefined ? '' : ` version ${version}`;
  return `Request for unknown model: '${model}'${which} is not found`;
}

/** What Triton puts before a message about a request. */
export function requestPrefix(requestId: string): string {
  return `[request id: ${requestId === '' ? '<id_unknown>' : requestId}] `;
}
