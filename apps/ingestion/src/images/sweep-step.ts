import type { Job, Jobs } from '@adstocrat/jobs';
import type { ImageMarks } from './image-marks.ts';
import type { ImageSweeps } from './image-sweeps.ts';
import type { SweepPayload } from './sweep-images-job.ts';
import type { LookDependencies } from './unnamed-images.ts';

/** What a step of a sweep is told of the attempt that takes it. */
export type SweepJob = Pick<Job<SweepPayload>, 'attempt' | 'payload' | 'signal' | 'report' | 'finish'>;

export interface SweepParts {
  readonly dependencies: LookDependencies;
  readonly jobs: Pick<Jobs, 'live' | 'get'>;
  readonly marks: ImageMarks;
  readonly sweeps: ImageSweeps;
  /** Images that are marked at once, at most. */
  readonly mostMarked?: number;
}

/** Images of one statement. */
export const markRows = 4096;
