import { mkdirSync } from 'node:fs';
import { parametersOf, type ModelSpec, type Weights } from '@adstocrat/models';
import { openServable } from './lib/open-servable.ts';
import { writeServable } from './lib/write-servable.ts';
import type { TransformGraph } from '@adstocrat/transforms';

/** The columns of {@link writeTestServable}'s servable: `site` and `user` (strings), `price` (float). */
export const testTransform: TransformGraph = {
  version: 1,
  fields: [
    { kind: 'vocabulary', column: 'site', size: 4, terms: ['news', 'games'], oovBuckets: 1 },
    { kind: 'vocabulary', column: 'user', size: 3, terms: ['ann'], oovBuckets: 1 },
  ],
  dense: [{ kind: 'standardized', column: 'price', mean: 10, scale: 2 }],
};

export interface TestServableOptions {
  readonly model?: string;
  readonly version: number;
  /** Logit of every row whose price is 10: with the default weights only the price moves it, by `slope` a deviation. */
  readonly bias: number;
  readonly slope?: number;
}

/**
 * Writes a small servable whose scores can be told by hand: score = sigmoid(bias + slope · (price − 10) / 2), whatever site
 * and user are. The site's embedding is there and has no weight. Returns the manifest's digest.
 */
export async function writeTestServable(
  folder: string,
  options: TestServableOptions,
): Promise<{ readonly digest: string }> {
  const { model = 'ads', version, bias, slope = 0 } = options;
  mkdirSync(folder, { recursive: true });
  const spec: ModelSpec = {
    version: 1,
    kind: 'cross-network',
    embeddingRows: 7,
    fields: 2,
    embeddingWidth: 2,
    denseWidth: 1,
    crossLayers: 1,
    hidden: [],
  };
  const weights: Weights = new Map(
    parametersOf(spec).map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (name === 'out.kernel') data[4] = slope;
      if (name === 'out.bias') data[0] = bias;
      return [name, data];
    }),
  );
  const prices = [8, 10, 12];
  const scores = prices.map((price) => 1 / (1 + Math.exp(-(bias + slope * ((price - 10) / 2)))));
  const schema = {
    version: 1 as const,
    columns: [
      { name: 'site', type: 'string' as const, role: 'feature' as const, minPresence: 0 },
      { name: 'user', type: 'string' as const, role: 'feature' as const, minPresence: 0 },
      { name: 'price', type: 'float' as const, role: 'feature' as const, minPresence: 0 },
      { name: 'shown_at', type: 'string' as const, role: 'eventTime' as const, minPresence: 0 },
    ],
  };
  const { digest } = writeServable(folder, {
    head: {
      model,
      modelVersion: version,
      task: model,
      runId: `run-${version}`,
      spans: [1],
      roles: { unit: 'user', eventTime: 'shown_at' },
    },
    spec,
    weights,
    calibration: { slope: 1, intercept: 0 },
    transform: testTransform,
    schema,
    tables: [],
    warmUp: { rows: 3, columns: { site: ['news', 'games', null], user: ['ann', 'bob', null], price: prices }, scores },
    modelCard: '# A test servable\n',
  });
  await (await openServable(folder, { digest })).close();
  return { digest };
}
