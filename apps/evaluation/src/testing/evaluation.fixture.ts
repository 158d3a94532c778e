import { writeSync } from 'node:fs';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { startEvaluation } from './evaluation-process.ts';
import { evaluatorThatSays } from './evaluator.ts';
import { quick } from './registry.ts';

// Ends with the process that started it.
process.stdin.on('close', () => process.exit()).resume();

// An evaluation process that blesses what comes, and says when it begins an evaluation and when it has done a step of a rollout. At the
// first word that it was told, it stands still to be killed.
const [url = '', artifactsUrl = '', until = ''] = process.argv.slice(2);
const store = new LocalArtifactStore();
const say = (word: string): void => {
  writeSync(1, `${word}\n`);
  if (until.split(',').includes(word)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
};
await startEvaluation({
  jobs: PostgresJobs.open(url, quick),
  metadata: PostgresMetadata.open(url),
  store,
  artifactsUrl,
  evaluator: evaluatorThatSays(store, artifactsUrl, () => {
    say('evaluating');
    return Promise.resolve({ blessed: true, reasons: [] });
  }),
  onProgress: (_, progress) => {
    if (progress.kind === 'moved') say(progress.step);
  },
});
