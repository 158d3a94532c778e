import { environmentReader, serviceEnvironment } from '@adstocrat/service-kit';
import { z } from 'zod';

/** Evaluation's whole configuration. No other file of this app reads the environment. */
export type Config = ReturnType<typeof parseConfig>;

export const parseConfig = environmentReader(
  serviceEnvironment('evaluation', 8513).extend({
    /** Every serving instance: HOST:PORT,HOST:PORT,… */
    SERVING_GRPC_URLS: z
      .string()
      .default('127.0.0.1:8500')
      .transform((text) => [...new Set(text.split(',').map((url) => url.trim()))])
      .refine((urls) => !urls.includes(''), 'must be HOST:PORT,HOST:PORT,… without empty names'),
  }),
);
