import { ServiceFailure, Unavailable } from './service-error.ts';

/** Does what a call asks. An error of no known kind is {@link Unavailable} where the registry does not answer: the client tries again. */
export async function whileRegistryAnswers<T>(registry: { ping(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ServiceFailure) throw error;
    try {
      await registry.ping();
    } catch {
      throw new Unavailable('the registry does not answer: try again later', { cause: error });
    }
    throw error;
  }
}
