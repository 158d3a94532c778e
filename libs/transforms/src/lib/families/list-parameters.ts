import { z } from 'zod';

/** What every operation with several ids a row may be told. */
export const listParameters = {
  /** Ids a row: what is beyond is left out, what is fewer is padded with 0. */
  length: z.int().min(1).max(64).default(8),
};
