import { ExitError } from '../exit-error.ts';
import type { Progress } from '../progress.ts';
import { failedSentence } from './failed-rows.ts';
import type { BatchOutcome } from './predict-batch.ts';

/** What came of a file that was scored. */
export type Outcome = Pick<BatchOutcome, 'scored' | 'failed' | 'reasons' | 'odd'>;

/** The files as they were named. */
interface Files {
  readonly in: string;
  readonly out: string;
}

/** Says what came of it. Rows without a score are no success. */
export function sayOutcome(progress: Progress, files: Files, outcome: Outcome): void {
  for (const sentence of outcome.odd ?? []) progress.finish(sentence);
  progress.finish(`${outcome.scored.toLocaleString('en')} rows scored into ${files.out}${failuresOf(files, outcome)}`);
  if (outcome.failed > 0) process.exitCode = 1;
}

/** Of a file of which nothing is written. */
export function nothingScored(files: Files, outcome: Outcome): ExitError {
  return new ExitError(
    1,
    `no row of ${files.in} could be scored${failuresOf(files, outcome)}. ${files.out} was not written`,
  );
}

/** What the copy that was read is called is no name that people know. */
function failuresOf(files: Files, { failed, reasons }: Outcome): string {
  return failedSentence(
    failed,
    reasons.map((one) => ({ ...one, file: files.in })),
  );
}
