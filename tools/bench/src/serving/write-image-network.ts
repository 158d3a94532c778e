import { mkdirSync } from 'node:fs';
import { drawnWeights, writeAnswering } from '@adstocrat/inference/testing';
import { composeModel, splitMix32, uncalibrated } from '@adstocrat/models';
import { graphOf } from '@adstocrat/transforms';

/** Side of what the tower is given. */
const size = 32;

/** Writes a servable of random weights that reads an image a row, sent along as `image_bytes`. Returns the manifest's digest. */
export async function writeImageNetwork(folder: string): Promise<{ readonly digest: string }> {
  const spec = composeModel(
    { fields: 0, idRows: 0, dense: 0, imageSize: size },
    {
      wideL2: 0,
      embedding: { units: 1, l2: 0, dropout: 0 },
      streams: [],
      image: { filters: 4, cells: 2, units: 4 },
    },
  );
  const random = splitMix32(1);
  mkdirSync(folder, { recursive: true });
  const content = {
    head: { model: 'ads', modelVersion: 1, task: 'ads', runId: 'bench', spans: [1], roles: { image: 'picture' } },
    spec,
    weights: drawnWeights(spec, () => random() / 2 ** 33 - 0.25),
    calibration: uncalibrated,
    transform: graphOf([], { image: { column: 'picture', size, mean: [0.5, 0.5, 0.5], scale: [0.25, 0.25, 0.25] } }),
    schema: {
      version: 1 as const,
      columns: [{ name: 'picture', type: 'string' as const, role: 'image' as const, minPresence: 0 }],
    },
    tables: [],
    images: { byName: { none: 0 }, pixels: new Uint8Array(size * size * 3) },
    modelCard: '# A network of random weights that reads images\n',
  };
  return writeAnswering(folder, content, { rows: 1, columns: { picture: ['none'] } });
}
