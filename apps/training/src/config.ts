import { environmentReader, serviceEnvironment } from '@adstocrat/service-kit';
import { z } from 'zod';

const Environment = serviceEnvironment('training', 8512).extend({
  /** Training that a kill may cost. Checkpoints take a twentieth of the time at most, whatever this says. */
  CHECKPOINT_EVERY_MS: z.coerce.number().int().nonnegative().default(30_000),
});

/** Training's whole configuration. No other file of this app reads the environment. */
export type Config = Readonly<z.infer<typeof Environment>>;

export const parseConfig = environmentReader(Environment);
