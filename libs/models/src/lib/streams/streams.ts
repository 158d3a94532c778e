import { boostedTrees, type BoostedTreesOptions } from './boosted-trees.ts';
import { crossNetwork, type CrossNetworkOptions } from './cross-network.ts';
import { crosses, type CrossesOptions } from './crosses.ts';
import { factorizationMachine, type FactorizationMachineOptions } from './factorization-machine.ts';
import type { Stream, StreamInput } from './stream.ts';
import { twoStream, type TwoStreamOptions } from './two-stream.ts';

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

/** Undefined where the stream has nothing to read. */
export function streamOf(input: StreamInput, options: StreamOptions): Stream | undefined {
  return (streams[options.stream] as (input: StreamInput, options: StreamOptions) => Stream | undefined)(
    input,
    options,
  );
}
