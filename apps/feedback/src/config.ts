import { environmentReader, serviceEnvironment } from '@adstocrat/service-kit';
import { z } from 'zod';

/** Feedback's whole configuration. No other file of this app reads the environment. */
export type Config = ReturnType<typeof parseConfig>;

export const parseConfig = environmentReader(
  serviceEnvironment('feedback', 50_055).extend({
    REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8502),
    /** Wall milliseconds that clicks and predictions may come late on the bus before a window closes over them. */
    LATENESS_MS: z.coerce.number().int().min(0).default(2000),
    /** Alerts are also POSTed there as JSON. */
    ALERT_WEBHOOK_URL: z.url().optional(),
  }),
);
