import { environmentReader, serviceEnvironment } from '@adstocrat/service-kit';
import { z } from 'zod';

/**
 * Serving's whole configuration. No other file of this app reads the environment. `WORK_DIR` holds the servables in force and the
 * last split: what serving starts from when the database is away.
 */
export type Config = ReturnType<typeof parseConfig>;

export const parseConfig = environmentReader(
  serviceEnvironment('serving', 8500).extend({
    REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8501),
  }),
);
