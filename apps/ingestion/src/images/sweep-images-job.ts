import { z } from 'zod';
import type { JobKind } from '@adstocrat/jobs';

/** `graceMs`: wall milliseconds from when an image was written in which it stays. */
const Payload = z.object({ sweep: z.number().int(), graceMs: z.number() });
export type SweepPayload = Readonly<z.infer<typeof Payload>>;

/** Images that no span names go. Its key is the sweep. */
export const sweepImagesJob: JobKind<SweepPayload> = {
  name: 'ingestion.sweep-images',
  parse: (payload) => Payload.parse(payload),
};
