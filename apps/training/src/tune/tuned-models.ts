import type { StreamOptions } from '@adstocrat/models';
import type { Point } from '@adstocrat/tuning';

interface Traits {
  /** Without ids it has nothing to read. */
  readonly needsIds?: true;
  /** It has hidden layers, whose parameters are meant then. */
  readonly hasHidden?: true;
}

/** A stream as a point of a study has it, and back. */
interface TunedStream<S extends StreamOptions> extends Traits {
  readonly optionsOf: (point: Point) => S;
  readonly pointOf: (options: S) => Point;
}

type TunedName = 'factorization-machine' | 'cross-network' | 'two-stream';

const streams: {
  readonly [Name in TunedName]: TunedStream<Extract<StreamOptions, { readonly stream: Name }>>;
} = {
  'factorization-machine': {
    optionsOf: () => ({ stream: 'factorization-machine' }),
    pointOf: () => ({}),
    needsIds: true,
  },
  'cross-network': {
    optionsOf: (point) => ({
      stream: 'cross-network',
      crossLayers: Number(point['crossLayers'] ?? 0),
      hidden: widthsOf(point),
      ...othersOf(point),
    }),
    pointOf: ({ crossLayers, hidden, ...others }) => ({ crossLayers, ...pointOfHidden(hidden, others) }),
    hasHidden: true,
  },
  'two-stream': {
    optionsOf: (point) => ({
      stream: 'two-stream',
      left: widthsOf(point),
      right: widthsOf(point),
      ...othersOf(point),
    }),
    pointOf: ({ left, ...others }) => pointOfHidden(left, others),
    hasHidden: true,
  },
};

/** What a study chooses among: a name, and the streams of it in order. */
export const tunedModels: readonly { readonly name: string; readonly of: readonly TunedName[] }[] = [
  { name: 'pairs', of: ['factorization-machine'] },
  { name: 'cross network', of: ['cross-network'] },
  { name: 'pairs and cross network', of: ['factorization-machine', 'cross-network'] },
  { name: 'two streams', of: ['two-stream'] },
];

/** Names of the models of which a stream is so. */
export function modelsWith(isSo: (stream: Traits, name: TunedName) => boolean): readonly string[] {
  return tunedModels.filter(({ of }) => of.some((name) => isSo(streams[name], name))).map(({ name }) => name);
}

/** The streams of the model that a point names, with its parameters. */
export function streamsAt(point: Point): readonly StreamOptions[] {
  const model = tunedModels.find(({ name }) => name === point['model']);
  return (model?.of ?? []).map((name) => streams[name].optionsOf(point));
}

/** The model that has these streams, and its parameters. Throws `RangeError` where a study has none: it could not begin with it. */
export function pointOfStreams(given: readonly StreamOptions[], hasIds: boolean): Point {
  const tuned = given.flatMap((options) => {
    const stream = Object.hasOwn(streams, options.stream) ? streams[options.stream as TunedName] : undefined;
    // Without ids it is not there, whatever a setting says.
    if (stream?.needsIds && !hasIds) return [];
    return [{ name: options.stream, point: (stream as TunedStream<StreamOptions> | undefined)?.pointOf(options) }];
  });
  const names = tuned.map(({ name }) => name).join(', ');
  const model = tunedModels.find(({ of }) => of.join(', ') === names);
  if (model === undefined)
    throw new RangeError(
      `no model of a study has the streams ${names}: apps/training/src/tune/tuned-models.ts has those there are`,
    );
  return Object.assign({ model: model.name }, ...tuned.map(({ point }) => point ?? {})) as Point;
}

const widthsOf = (point: Point): readonly number[] => String(point['hidden']).split('-').map(Number);

const othersOf = (point: Point): { readonly dropout: number; readonly batchNorm?: true } => ({
  dropout: Number(point['dropout'] ?? 0),
  ...(point['batchNorm'] === 'yes' ? { batchNorm: true } : {}),
});

function pointOfHidden(
  hidden: readonly number[],
  { dropout, batchNorm }: { readonly dropout: number; readonly batchNorm?: boolean | undefined },
): Point {
  return { hidden: hidden.join('-'), dropout, batchNorm: batchNorm === true ? 'yes' : 'no' };
}
