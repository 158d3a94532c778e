import { artifactUri } from './fetch-artifact.ts';

/** Where a version's evaluation.json lies. */
export function evaluationUri(artifactsUrl: string, model: string, version: number): string {
  return artifactUri(artifactsUrl, `evaluations/${model}/${version}/evaluation.json`);
}
