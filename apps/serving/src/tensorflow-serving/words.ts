import { NotFound, ServiceFailure } from '@adstocrat/service-kit';
import { UnknownLabel, UnknownModel, VersionNotAvailable } from '../infer/inference-failure.ts';

/** The one signature of a model. */
export const signature = 'serving_default';

/** Runs, and says a failure in TensorFlow Serving's words, which its clients look for. Others pass as they are. */
export async function inTheirWords<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw wordsOf(error);
  }
}

/** A failure in TensorFlow Serving's words, where it has any for it. */
export function wordsOf(error: unknown): unknown {
  if (error instanceof UnknownModel || error instanceof VersionNotAvailable) {
    const { model, version } = error;
    const wanted = version === undefined ? `Latest(${model})` : `Specific(${model}, ${version})`;
    return new NotFound(`Servable not found for request: ${wanted}`, { cause: error });
  }
  if (error instanceof UnknownLabel)
    return new ServiceFailure(error.code, `Unrecognized servable version label: ${error.label}`, { cause: error });
  return error;
}
