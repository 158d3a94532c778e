import { z } from 'zod';
import type { JobKind } from '@adstocrat/jobs';
import type { RunRecord } from '@adstocrat/metadata';

const Payload = z.object({
  task: z.string().min(1),
  /** Ascending. */
  spans: z.array(z.number().int().positive()).min(1),
  retrainId: z.string(),
  /** The resolved task that the run's id was made of: a task that is replaced meanwhile is another run. */
  taskYaml: z.string().min(1),
  /** The version in service when it was asked for, where the task begins from it. */
  before: z.object({ version: z.number().int().positive(), uri: z.string(), digest: z.string() }).optional(),
});

/** What a run trains on. */
export type TrainPayload = Readonly<z.infer<typeof Payload>>;

/** A training run as a job. Its key is the run's id. */
export const trainJob: JobKind<TrainPayload> = { name: 'train', parse: (payload) => Payload.parse(payload) };

/** What the record of a run that ends now says of its inputs. */
export function runOf(
  id: string,
  { task, spans, retrainId }: TrainPayload,
): Pick<RunRecord, 'id' | 'task' | 'spans' | 'retrainId' | 'endedAtMs'> {
  return { id, task, spans, endedAtMs: Date.now(), ...(retrainId !== '' && { retrainId }) };
}
