import { z } from 'zod';

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** What may be said of the task's image column: an image goes into the model's tower, not into its fields. */
export const imageParameters = z.strictObject({
  /** Width and height that images are brought to. */
  size: z.int().min(8).max(256).default(32),
  /** Taken off each channel in [0, 1], and what it is divided by. */
  mean: perChannel.default([0.5, 0.5, 0.5]),
  scale: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]).default([0.25, 0.25, 0.25]),
});
