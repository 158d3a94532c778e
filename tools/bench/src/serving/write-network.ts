import { mkdirSync } from 'node:fs';
import { drawnWeights, vocabulary, writeAnswering } from '@adstocrat/inference/testing';
import { composeModel, splitMix32, type StreamOptions, uncalibrated } from '@adstocrat/models';
import { embeddingRows, type FittedFeature, graphOf } from '@adstocrat/transforms';

export interface NetworkOptions {
  readonly model: string;
  /** Numeric columns, each standardized: number_0, … */
  readonly numbers: number;
  /** Text columns, each a vocabulary of so many terms, term_0, …: text_0, … */
  readonly texts: number;
  readonly terms: number;
  readonly streams: readonly StreamOptions[];
}

/** Writes a servable of random weights that costs what a trained one costs. Returns the manifest's digest. */
export async function writeNetwork(folder: string, options: NetworkOptions): Promise<{ readonly digest: string }> {
  const { model, numbers, texts, terms, streams } = options;
  const named = (count: number, name: string): readonly string[] =>
    Array.from({ length: count }, (_, at) => `${name}_${at}`);
  const transform = graphOf([
    ...named(texts, 'text').map((column) => vocabulary(column, named(terms, 'term'))),
    ...named(numbers, 'number').map((column) => standardized(column)),
  ]);
  const spec = composeModel(
    { fields: transform.fields.length, idRows: embeddingRows(transform), dense: numbers },
    { wideL2: 0, embedding: { units: 8, l2: 0, dropout: 0 }, streams },
  );
  const random = splitMix32(1);
  const weights = drawnWeights(spec, () => random() / 2 ** 33 - 0.25);
  const feature = (name: string, type: 'string' | 'float') => ({
    name,
    type,
    role: 'feature' as const,
    minPresence: 0,
  });
  mkdirSync(folder, { recursive: true });
  const content = {
    head: { model, modelVersion: 1, task: model, runId: 'bench', spans: [1], roles: {} },
    spec,
    weights,
    calibration: uncalibrated,
    transform,
    schema: {
      version: 1 as const,
      columns: [
        ...named(texts, 'text').map((name) => feature(name, 'string')),
        ...named(numbers, 'number').map((name) => feature(name, 'float')),
      ],
    },
    tables: [],
    modelCard: '# A network of random weights\n',
  };
  const rows = 32;
  const columns = Object.fromEntries([
    ...named(texts, 'text').map((name, at) => [name, textsOf(rows, terms, at)]),
    ...named(numbers, 'number').map((name, at) => [name, numbersOf(rows, at)]),
  ]) as Readonly<Record<string, readonly (string | number)[]>>;
  return writeAnswering(folder, content, { rows, columns });
}

/** Values of the rows from `first` on of a text column: mostly its terms. */
export function textsOf(rows: number, terms: number, column: number, first = 0): readonly string[] {
  return Array.from({ length: rows }, (_, row) => `term_${((first + row) * (column + 7)) % Math.ceil(terms * 1.02)}`);
}

/** Values of the rows from `first` on of a numeric column, in [−2, 2], each of them an FP32 number. */
export function numbersOf(rows: number, column: number, first = 0): readonly number[] {
  return Array.from({ length: rows }, (_, row) => (((first + row) * (column + 3)) % 17) / 4 - 2);
}

function standardized(column: string): FittedFeature {
  const state = { mean: 0, scale: 1, parameters: { standardize: true } };
  return { op: 'zScore', columns: [column], slots: 0, size: 0, dims: 1, state };
}
