import { splitMix32 } from '@adstocrat/models';
import { type FittedFeature, graphOf } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import { MemoryRows } from '../data/memory-rows.ts';
import type { TrialData } from '../search/trial-data.ts';

const values = 6;
const field = (column: string): FittedFeature => ({
  op: 'vocabulary',
  columns: [column],
  slots: 1,
  size: values + 2,
  unknown: { first: values + 1, count: 1 },
  dims: 0,
  state: {},
});
const graph = graphOf([field('a'), field('b')]);

/** Rows of two fields whose log-odds the law gives. */
export function rowsOf(rows: number, seed: number, law: (a: number, b: number) => number): LoadedExamples {
  const bits = splitMix32(seed);
  const next = (): number => bits() / 2 ** 32;
  const drawn = Array.from({ length: rows }, () => [Math.floor(next() * values), Math.floor(next() * values)] as const);
  return {
    rows,
    fields: 2,
    denseWidth: 0,
    ids: Int32Array.from(drawn.flatMap(([a, b]) => [1 + a, values + 2 + 1 + b])),
    dense: new Float32Array(),
    labels: Float32Array.from(drawn, ([a, b]) => (next() < 1 / (1 + Math.exp(-law(a, b))) ? 1 : 0)),
  };
}

/** The same rows with both values in one list. */
export function listWorldOf(law: (a: number, b: number) => number): TrialData {
  const joined = (rows: LoadedExamples): LoadedExamples => ({
    ...rows,
    ids: rows.ids.map((id, at) => (at % 2 === 0 ? id : id - (values + 2))),
  });
  return {
    graph: graphOf([{ ...field('a'), op: 'list', slots: 2 }]),
    train: new MemoryRows(joined(rowsOf(3000, 1, law))),
    validation: joined(rowsOf(1500, 2, law)),
  };
}

/**
 * Sixty images to train on and sixty others to look at. The first of an image's two numbers tells how much all like it; who likes its second one is
 * told by the first field. `vectors`: of all images.
 */
export function imageWorld(): { readonly data: TrialData; readonly vectors: Float32Array } {
  const [each, units] = [60, 2];
  const bits = splitMix32(8);
  const next = (): number => bits() / 2 ** 32;
  const vectors = Float32Array.from({ length: 2 * each * units }, () => next() * 4 - 2);
  const showing = (rows: LoadedExamples, from: number): LoadedExamples => {
    const images = Int32Array.from({ length: rows.rows }, () => from + Math.floor(next() * each));
    const labels = Float32Array.from(images, (image, row) => {
      const likes = rows.ids[row * 2]! % 2 === 0 ? 1.5 : -1.5;
      const logit = vectors[image * units]! + likes * vectors[image * units + 1]!;
      return next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    });
    return { ...rows, images, labels };
  };
  const shown = new Set(Array.from({ length: each }, (_, image) => image));
  const data: TrialData = {
    graph,
    train: new MemoryRows(showing(rowsOf(3000, 1, exclusive), 0)),
    validation: showing(rowsOf(1500, 2, exclusive), each),
    images: { size: 32, tower: { filters: 24, cells: 4, units }, weights: new Map(), vectors, shown },
  };
  return { data, vectors };
}

/** 3000 training rows and 1500 to look at. */
export const worldOf = (law: (a: number, b: number) => number): TrialData => ({
  graph,
  train: new MemoryRows(rowsOf(3000, 1, law)),
  validation: rowsOf(1500, 2, law),
});
/** What nothing interacts in. */
export const additive = (a: number, b: number): number => -1 + a * 0.4 - b * 0.3;
/** What only pairs tell: half of them click with sigmoid(1.5) = .818, half with .182. */
export const exclusive = (a: number, b: number): number => (a % 2 === b % 2 ? 1.5 : -1.5);
