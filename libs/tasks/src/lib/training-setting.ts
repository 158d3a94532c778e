import { streamSetting } from '@adstocrat/models';
import { z } from 'zod';

/** One way to train, as `training.settings` of a task says it and `tune` finds it. */
export const trainingSetting = z.strictObject({
  name: z.string().min(1).max(80),
  /** Of Adam; the last part of the training lets it fall to 0. */
  learningRate: z.number().positive().max(1),
  embedding: z.strictObject({
    /** Numbers that an id has. */
    units: z.number().int().positive().max(256),
    /** Strength of the prior on them, in examples. */
    l2: z.number().nonnegative(),
    /** Share of what the streams read that a step of training leaves out. */
    dropout: z.number().min(0).lt(1),
  }),
  streams: z
    .array(streamSetting)
    .min(1)
    .refine((streams) => new Set(streams.map((one) => one.stream)).size === streams.length, 'each stream once'),
});

/** Settings of which none is another's by name. */
export const trainingSettings = z
  .array(trainingSetting)
  .min(1)
  .max(32)
  .refine((settings) => new Set(settings.map(({ name }) => name)).size === settings.length, 'each name once');
