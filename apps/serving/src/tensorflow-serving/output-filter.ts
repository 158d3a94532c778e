import { InvalidRequest } from '@adstocrat/service-kit';
import { namesOf } from './signatures.ts';

/** Throws {@link InvalidRequest} in TensorFlow Serving's words for a name that is no output, and for one that stands twice. */
export function refuseOutputs(
  filter: readonly string[],
  outputs: { has(name: string): boolean; keys(): Iterable<string> },
): void {
  const seen = new Set<string>();
  for (const name of filter) {
    if (!outputs.has(name))
      throw new InvalidRequest(
        `output tensor alias not found in signature: ${name} Outputs expected to be in the set {${namesOf(outputs.keys())}}.`,
      );
    if (seen.has(name)) throw new InvalidRequest(`duplicate output tensor alias: ${name}`);
    seen.add(name);
  }
}
