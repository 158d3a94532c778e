import { environmentReader, predictionKeysEnvironment, serviceEnvironment } from '@adstocrat/service-kit';
import { originsIn } from '@adstocrat/service-kit/rest';
import { z } from 'zod';

/** Feedback's whole configuration. No other file of this app reads the environment. */
export type Config = ReturnType<typeof parseConfig>;

export const parseConfig = environmentReader(
  serviceEnvironment('feedback', 8515, ['predict', 'metrics']).extend({
    ...predictionKeysEnvironment,
    REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8502),
    /** Wall milliseconds that a click may come late on the bus after its window. */
    GRACE_MS: z.coerce.number().int().min(0).max(86_400_000).default(2000),
    /** Origins whose pages may send facts, separated by commas; `*`: any. */
    FEEDBACK_ORIGINS: z.string().default('').transform(originsIn),
    /** Alerts are also POSTed there as JSON. */
    ALERT_WEBHOOK_URL: z.url().optional(),
  }),
);
