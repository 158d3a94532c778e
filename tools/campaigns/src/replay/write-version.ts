import type { Random } from '@adstocrat/adworld';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ServableContent } from '@adstocrat/inference';
import { drawnWeights, writeAnswering } from '@adstocrat/inference/testing';
import { composeModel, type StreamOptions } from '@adstocrat/models';
import { embeddingRows, GraphFitter } from '@adstocrat/transforms';
import { clickLogFeatures, everyOperation, sampleRows, sampleTypes } from '@adstocrat/transforms/testing';

export const model = 'replayed';
export const pictureColumn = 'picture';
/** Names of images that travel with a version. */
export const knownPictures = ['a.png', 'b.png', 'c.png'];

const imageSize = 8;
const fittedRows = 4000;
const streams: readonly (readonly StreamOptions[])[] = [
  [],
  [{ stream: 'cross-network', crossLayers: 2, hidden: [16, 8], dropout: 0 }],
  [{ stream: 'factorization-machine' }],
  [{ stream: 'two-stream', left: [8], right: [6, 4], dropout: 0 }],
];

const schema: DataSchema = {
  version: 1,
  columns: [
    ...[...sampleTypes].map(([name, type]) => ({
      name,
      type,
      role: name === 'shown_at' ? ('eventTime' as const) : ('feature' as const),
      minPresence: 0,
    })),
    { name: pictureColumn, type: 'string', role: 'image', minPresence: 0 },
  ],
};

/**
 * Writes a version that has all that a version can have: every operation or those of a click log, fitted on other rows than the version
 * before, one of the model's forms with weights of its own, a joined table, personal columns, images. `keyId`: of the key of personal columns. Returns its
 * digest.
 */
export async function writeVersion(
  folder: string,
  version: number,
  { random, keyId }: { readonly random: Random; readonly keyId: string },
): Promise<string> {
  const features = version % 2 === 0 ? clickLogFeatures() : everyOperation();
  const fitter = new GraphFitter({
    features,
    dropped: new Map(),
    image: { column: pictureColumn, size: imageSize, mean: [0.5, 0.4, 0.6], scale: [0.25, 0.3, 0.2] },
  });
  fitter.add(sampleRows(version * fittedRows, fittedRows));
  const { graph } = fitter.finish();
  const spec = composeModel(
    { fields: graph.fields.length, idRows: embeddingRows(graph), dense: graph.dense.length, imageSize },
    {
      wideL2: 0,
      embedding: { units: 4, l2: 0, dropout: 0 },
      streams: streams[version % streams.length] ?? [],
      image: { filters: 2, cells: 2, units: 3 },
    },
  );
  const weights = drawnWeights(spec, () => random.normal() / 5);
  const keys = Array.from({ length: 200 }, (_, at) => `v${at}`);
  const content: Omit<ServableContent, 'warmUp'> = {
    head: {
      model,
      modelVersion: version,
      task: model,
      runId: `run-${version}`,
      spans: [1],
      roles: { unit: 'user', eventTime: 'shown_at', image: pictureColumn },
      personal: { key: keyId, columns: { user: 'hash', width: { bucket: 250 } } },
    },
    spec,
    weights,
    calibration: { method: 'platt', slope: 0.9, intercept: -0.1 },
    transform: graph,
    schema,
    tables: [
      {
        path: 'ads.csv',
        key: 'creative',
        keys,
        columns: {
          headline: { type: 'string', values: keys.map((key) => `headline of ${key}`) },
          bid: { type: 'float', values: keys.map(() => random.uniform()) },
        },
      },
    ],
    images: {
      byName: Object.fromEntries(knownPictures.map((name, index) => [name, index])),
      pixels: Uint8Array.from({ length: knownPictures.length * imageSize ** 2 * 3 }, () => random.below(256)),
    },
    modelCard: '',
  };
  // A server asks for the score of the warm-up row: that of a row of nothing, which the version itself says.
  return (await writeAnswering(folder, content, { rows: 1, columns: {} })).digest;
}
