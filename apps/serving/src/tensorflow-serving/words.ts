import { InvalidRequest, NotFound, ServiceFailure } from '@adstocrat/service-kit';
import { BadInput, UnknownLabel, UnknownModel, VersionNotAvailable } from '../infer/inference-failure.ts';
import { namesOf } from './signatures.ts';

/** Runs, and says a failure in TensorFlow Serving's words, which its clients look for. Others pass as they are. */
export async function inTheirWords<T>(
  run: () => Promise<T>,
  wordsOf: (error: unknown) => unknown = modelWords,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw wordsOf(error);
  }
}

/** What is wrong with the model that was asked for, in TensorFlow Serving's words. */
export function modelWords(error: unknown): unknown {
  if (error instanceof UnknownModel || error instanceof VersionNotAvailable)
    return servableNotFound(error.model, error.version, error);
  if (error instanceof UnknownLabel)
    return new ServiceFailure(error.code, `Unrecognized servable version label: ${error.label}`, { cause: error });
  return error;
}

export function servableNotFound(model: string, version: number | bigint | undefined, cause?: unknown): NotFound {
  const wanted = version === undefined ? `Latest(${model})` : `Specific(${model}, ${version})`;
  return new NotFound(`Servable not found for request: ${wanted}`, { cause });
}

/** The same for inputs whose names are not those of the signature. Others say what is wrong in their own words. */
export function inputWords(error: unknown, given: Iterable<string>, signature: () => Iterable<string>): unknown {
  if (!(error instanceof BadInput) || (error.reason !== 'unknown' && error.reason !== 'none')) return modelWords(error);
  return new InvalidRequest(sizeText(new Set(given), new Set(signature())), { cause: error });
}

/** `required`: absent where every input may be left out, so that none is required but one at least. */
export function sizeText(
  given: ReadonlySet<string>,
  signature: ReadonlySet<string>,
  required?: ReadonlySet<string>,
): string {
  const extra = [...given].filter((name) => !signature.has(name));
  const missing = [...(required ?? (given.size === 0 ? signature : []))].filter((name) => !given.has(name));
  return `input size does not match signature: ${given.size}!=${signature.size} len({${namesOf(given)}}) != len({${namesOf(signature)}}). Sent extra: {${namesOf(extra)}}. Missing but required: {${namesOf(missing)}}.`;
}
