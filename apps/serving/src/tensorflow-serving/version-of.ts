import type { tensorflowServing as tfs } from '@adstocrat/schemas';

/** The version that a request names; one beyond 2^53 is no version that there is, whatever it is rounded to. */
export function versionOf({ version }: tfs.ModelSpec): number | undefined {
  return version === undefined ? undefined : Number(version);
}
