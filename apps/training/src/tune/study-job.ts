import { z } from 'zod';
import type { JobKind } from '@adstocrat/jobs';
import type { StudyRecord } from '@adstocrat/metadata';

const Payload = z.object({ study: z.string().min(1), trial: z.number().int().positive() });

/** Which trial of which study. */
export type StudyPayload = Readonly<z.infer<typeof Payload>>;

/** A trial of a study as a job: any process of training takes the next one. */
export const studyJob: JobKind<StudyPayload> = { name: 'tune', parse: (payload) => Payload.parse(payload) };

/** A study that was forgotten and is asked for anew is another one. */
export function trialKey(study: Pick<StudyRecord, 'id' | 'madeAtMs'>, trial: number): string {
  return `${trialPrefix(study)}${trial}`;
}

export function trialPrefix({ id, madeAtMs }: Pick<StudyRecord, 'id' | 'madeAtMs'>): string {
  return `${id}-${madeAtMs}/`;
}
