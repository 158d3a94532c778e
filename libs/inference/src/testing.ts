import { mkdirSync } from 'node:fs';
import { columnOf } from '@adstocrat/examples';
import {
  composeModel,
  type ModelOptions,
  type ModelSpec,
  parametersOf,
  uncalibrated,
  type Weights,
} from '@adstocrat/models';
import type { PersonalColumns, ServableManifest, WarmUp } from '@adstocrat/servables';
import { openServable } from './lib/open-servable.ts';
import { type ServableContent, writeServable } from './lib/write-servable.ts';
import { embeddingRows, type FittedFeature, graphOf, type TransformGraph } from '@adstocrat/transforms';

/** The columns of {@link writeTestServable}'s servable: `site` and `user` (strings), `price` (float), and more strings. */
function transformOf(more: readonly string[], lists: readonly string[]): TransformGraph {
  return graphOf([
    ...lists.map((column) => listOf(column)),
    vocabulary('site', ['news', 'games']),
    vocabulary('user', ['ann']),
    ...more.map((column) => vocabulary(column, ['ann'])),
    {
      op: 'zScore',
      columns: ['price'],
      slots: 0,
      size: 0,
      dims: 1,
      state: { mean: 10, scale: 2, parameters: { standardize: true } },
    },
  ]);
}

/** A column of up to two tags, with `;` between them. */
function listOf(column: string): FittedFeature {
  const parameters = { limit: 9, minCount: 1, length: 2, separator: ';' };
  return {
    op: 'list',
    columns: [column],
    slots: 2,
    size: 3,
    unknown: { first: 2, count: 1 },
    dims: 0,
    state: { terms: ['new'], oovBuckets: 1, parameters },
  };
}

/** The vocabulary of a text column: its terms, one bucket for others, and missing. */
export function vocabulary(column: string, terms: readonly string[]): FittedFeature {
  return {
    op: 'vocabulary',
    columns: [column],
    slots: 1,
    size: terms.length + 2,
    unknown: { first: 1 + terms.length, count: 1 },
    dims: 0,
    state: { terms, oovBuckets: 1, parameters: {} },
  };
}

/** A model with every kind of stream. */
export const everyStream: ModelOptions = {
  wideL2: 0,
  embedding: { units: 7, l2: 0, dropout: 0 },
  streams: [
    { stream: 'cross-network', crossLayers: 2, hidden: [33, 17], dropout: 0 },
    { stream: 'factorization-machine' },
    { stream: 'two-stream', left: [19], right: [21], dropout: 0 },
  ],
};

export interface TestServableOptions {
  readonly model?: string;
  readonly version: number;
  /** Logit of every row whose price is 10: with the default weights only the price moves it, by `slope` a deviation. */
  readonly bias: number;
  readonly slope?: number;
  /** Of the prices that it learned from. Without one none is told. */
  readonly range?: readonly [number, number];
  /** First and last event that it learned from, Unix milliseconds. Without them none are told. */
  readonly timeRangeMs?: readonly [number, number];
  /** Names of further string columns, which change no score. */
  readonly moreColumns?: readonly string[];
  /** Names of further columns that are read as lists, with `;` between the values, which change no score. */
  readonly lists?: readonly string[];
  readonly personal?: PersonalColumns;
}

/**
 * Writes a small servable whose scores can be told by hand: score = sigmoid(bias + slope · (price − 10) / 2), whatever site
 * and user are. The ids' weights are there and 0. Returns the manifest's digest.
 */
export async function writeTestServable(
  folder: string,
  options: TestServableOptions,
): Promise<{ readonly digest: string }> {
  const {
    model = 'ads',
    version,
    bias,
    slope = 0,
    moreColumns = [],
    lists = [],
    personal,
    range,
    timeRangeMs,
  } = options;
  const transform = transformOf(moreColumns, lists);
  const fields = transform.fields.length;
  mkdirSync(folder, { recursive: true });
  const spec = composeModel(
    { fields, idRows: embeddingRows(transform), dense: 1 },
    { wideL2: 0, embedding: { units: 2, l2: 0, dropout: 0 }, streams: [] },
  );
  const weights: Weights = new Map(
    parametersOf(spec).map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (name === 'linear.logit.kernel') data[0] = slope;
      if (name === 'logit.bias') data[0] = bias;
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
      { name: 'price', type: 'float' as const, role: 'feature' as const, minPresence: 0, ...(range && { range }) },
      { name: 'shown_at', type: 'string' as const, role: 'eventTime' as const, minPresence: 0 },
      ...[...moreColumns, ...lists].map((name) => ({
        name,
        type: 'string' as const,
        role: 'feature' as const,
        minPresence: 0,
      })),
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
      ...(timeRangeMs && { timeRangeMs }),
      ...(personal && { personal }),
    },
    spec,
    weights,
    calibration: uncalibrated,
    transform,
    schema,
    tables: [],
    warmUp: { rows: 3, columns: { site: ['news', 'games', null], user: ['ann', 'bob', null], price: prices }, scores },
    modelCard: '# A test servable\n',
  });
  await (await openServable(folder, { digest })).close();
  return { digest };
}

/** Weights of a model whose numbers are drawn one after the other. */
export function drawnWeights(spec: ModelSpec, draw: () => number): Weights {
  return new Map(
    parametersOf(spec).map(({ name, shape }) => [
      name,
      Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, draw),
    ]),
  );
}

/** Writes a servable whose warm-up requests ask for what it answers to these rows. Returns its manifest. */
export async function writeAnswering(
  folder: string,
  content: Omit<ServableContent, 'warmUp'>,
  { rows, columns }: Pick<WarmUp, 'rows' | 'columns'>,
): Promise<ServableManifest> {
  writeServable(folder, { ...content, warmUp: { rows: 0, columns: {}, scores: [] } });
  const servable = await openServable(folder);
  const types = new Map(content.schema.columns.map(({ name, type }) => [name, type]));
  const batch = new Map(
    Object.entries(columns).map(([name, values]) => [name, columnOf(types.get(name) ?? 'float', values)]),
  );
  const scores = [...(await servable.score({ rows, columns: batch }))];
  await servable.close();
  return writeServable(folder, { ...content, warmUp: { rows, columns, scores } });
}
