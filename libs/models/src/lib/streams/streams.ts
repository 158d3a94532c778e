import { z } from 'zod';
import { boostedTrees, type BoostedTreesOptions } from './boosted-trees.ts';
import { crossNetwork, crossNetworkOptions, type CrossNetworkOptions } from './cross-network.ts';
import { crosses, type CrossesOptions } from './crosses.ts';
import {
  factorizationMachine,
  factorizationMachineOptions,
  type FactorizationMachineOptions,
} from './factorization-machine.ts';
import type { Stream, StreamInput } from './stream.ts';
import { twoStream, twoStreamOptions, type TwoStreamOptions } from './two-stream.ts';

/** A stream with its settings. */
export type StreamOptions =
  BoostedTreesOptions | CrossesOptions | CrossNetworkOptions | FactorizationMachineOptions | TwoStreamOptions;

const streams: {
  readonly [Name in StreamOptions['stream']]: (
    input: StreamInput,
    options: Extract<StreamOptions, { readonly stream: Name }>,
  ) => Stream | undefined;
} = {
  'boosted-trees': boostedTrees,
  'cross-network': crossNetwork,
  crosses,
  'factorization-machine': factorizationMachine,
  'two-stream': twoStream,
};

/** Those that train by steps, as a task says them in `training.settings`; the others are fitted at once. */
export const streamSetting = z.discriminatedUnion('stream', [
  factorizationMachineOptions,
  crossNetworkOptions,
  twoStreamOptions,
]);

/** Undefined where the stream has nothing to read. */
export function streamOf(input: StreamInput, options: StreamOptions): Stream | undefined {
  return (streams[options.stream] as (input: StreamInput, options: StreamOptions) => Stream | undefined)(
    input,
    options,
  );
}
