import { z } from 'zod';

/** A share of what a layer reads, dropped in training. */
const dropout = z.number().min(0).lt(1);
const units = z.number().int().positive().max(4096);
const hidden = z.array(units).max(8);
/** Whether hidden layers bring their values to mean 0 and variance 1 by batch. */
const batchNorm = z.boolean().optional();

/** What a model has beside its linear part: see `StreamOptions` of libs/models. */
const stream = z.discriminatedUnion('stream', [
  z.strictObject({ stream: z.literal('factorization-machine') }),
  z.strictObject({
    stream: z.literal('cross-network'),
    crossLayers: z.number().int().min(0).max(8),
    hidden,
    dropout,
    batchNorm,
  }),
  z.strictObject({ stream: z.literal('two-stream'), left: hidden.min(1), right: hidden.min(1), dropout, batchNorm }),
]);

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
    dropout,
  }),
  streams: z
    .array(stream)
    .min(1)
    .refine((streams) => new Set(streams.map((one) => one.stream)).size === streams.length, 'each stream once'),
});

/** Settings of which none is another's by name. */
export const trainingSettings = z
  .array(trainingSetting)
  .min(1)
  .max(32)
  .refine((settings) => new Set(settings.map(({ name }) => name)).size === settings.length, 'each name once');
