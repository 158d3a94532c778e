import { type ArtifactStore, createText, joinUri } from '@adstocrat/artifact-store';
import type { Job } from '@adstocrat/jobs';
import type { VersionKey } from '../work-kinds.ts';
import type { EvaluationReport } from './evaluation-report.ts';
import { reportPage } from './report-page.ts';

/** What writing an evaluation uses of its job. */
export type WritingJob = Pick<Job<unknown>, 'attempt' | 'output'>;

/** Where everything lies that evaluations of a version wrote. */
export function evaluationsOf(artifactsUrl: string, { model, version }: VersionKey): string {
  return joinUri(artifactsUrl, 'evaluations', model, String(version));
}

/**
 * Writes the report and its page to a folder of the attempt, `evaluations/<model>/<version>/<attempt>`, and returns where its
 * evaluation.json lies. Nobody sees it before the version's record names it; what an attempt leaves that does not finish is removed.
 */
export async function writeEvaluation(
  store: ArtifactStore,
  artifactsUrl: string,
  job: WritingJob,
  report: EvaluationReport,
): Promise<string> {
  const { model, modelVersion } = report;
  const folder = joinUri(evaluationsOf(artifactsUrl, { model, version: modelVersion }), String(job.attempt));
  const uri = joinUri(folder, 'evaluation.json');
  await job.output(folder);
  // An attempt evaluates twice where the version in service changes meanwhile.
  await store.clear(folder);
  await createText(store, joinUri(folder, 'report.html'), reportPage(report));
  await createText(store, uri, `${JSON.stringify(report, null, 1)}\n`);
  return uri;
}
