import { composeModel, type ModelInputs, type Weights } from '@adstocrat/models';
import { operationOf } from '@adstocrat/transforms';
import type { LoadedExamples } from '../data/load-examples.ts';
import { baseRateOf, oddsShift } from '../data/training-rows.ts';
import type { FitExtent, FitOptions, FittedCandidate, FittedMember, FitName } from '../search/fitted-members.ts';
import { linearLogitsOf } from '../search/linear-candidate.ts';
import { Turns } from '../pairs/turns.ts';
import { type Look, lookAt } from '../search/look.ts';
import { type FitData, modelInputs } from '../search/trial-data.ts';
import { boost } from './boost.ts';
import type { GrownTree } from './grow-tree.ts';
import { binExamples, binTraining, type TreeReader } from './tree-rows.ts';

/** Training rows that are held in bins, and bytes of those, at most: an even part of more. */
const [mostHeldRows, mostHeldBytes] = [500_000, 2 ** 26] as const;
const settings = {
  trees: 300,
  depth: 5,
  learningRate: 0.06,
  l2: 3,
  leastCurvature: 2,
  mostRows: 65_536,
  rowShare: 0.8,
  mostNumbers: 40,
} as const;
/** Trees between two looks, trees without a better one that end the fit, and trees in which the logistic regression must be caught up with. */
const [lookEvery, patience, catchUp] = [5, 40, 60] as const;

/** Trees on what the logistic regression misses. */
export const treesOnLinear: FittedMember = (data, options, extent) => {
  const weights = options.linear.best?.weights ?? noWeights;
  return boostedTrees(data, options, { fit: 'trees', name: 'linear', weights }, extent);
};

/** Trees that begin with the base rate, where rows have numbers: weights of their buckets are only in the way where thresholds decide. */
export const treesAlone: FittedMember = async (data, options, extent) => {
  if (data.train.denseWidth === 0) return undefined;
  const rate = baseRateOf(data.train);
  const base = Math.log(rate / (1 - rate));
  const silent = Array.from(options.linear.best?.weights ?? noWeights, ([name, values]) => {
    if (name === 'logit.bias') return [name, Float32Array.of(base)] as const;
    return [name, name.startsWith('image.') ? values : new Float32Array(values.length)] as const;
  });
  return boostedTrees(data, options, { fit: 'trees alone', name: 'base rate', weights: new Map(silent) }, extent);
};

const noWeights: Weights = new Map();

/**
 * Decision trees on what a linear part says, as many as serve the validation rows best; undefined where the logistic regression serves them as well. They read numbers, what images say, and each id by the weight
 * that it has in the logistic regression.
 */
async function boostedTrees(
  data: FitData,
  { linear, seed, signal, onProgress }: FitOptions,
  base: { readonly fit: FitName; readonly name: string; readonly weights: Weights },
  extent?: FitExtent,
): Promise<FittedCandidate | undefined> {
  const { validation, images } = data;
  const idNumbers = idNumbersOf(data, linear.best?.weights ?? noWeights);
  const reader = readerOf(data, modelInputs(data), idNumbers);
  const logitsOf = (examples: LoadedExamples): Float32Array => linearLogitsOf(data, base.weights, examples);
  const limit = Math.min(mostHeldRows, Math.ceil(mostHeldBytes / Math.max(1, reader.width)));
  const turns = new Turns(signal);
  const train = await binTraining(data.train, { reader, logitsOf, limit, turns });
  const shown = await binExamples(validation, { reader, edges: train.edges, logits: logitsOf(validation), turns });
  const toBeat = linear.best?.loss ?? Infinity;
  let best: { readonly look: Look; readonly trees: readonly GrownTree[] } | undefined;
  const most = extent?.steps ?? settings.trees;
  let last: { readonly trees: readonly GrownTree[]; readonly logits: Float32Array } | undefined;
  await boost(train, shown, { ...settings, trees: most, seed, shift: oddsShift(data.train) }, (trees, logits) => {
    signal.throwIfAborted();
    onProgress?.({ fit: base.fit, done: trees.length, total: most });
    last = { trees, logits };
    if (extent === undefined && trees.length % lookEvery === 0) {
      const look = lookAt(logits.slice(), validation.labels);
      if (best === undefined || look.loss < best.look.loss) best = { look, trees: [...trees] };
    }
    if (extent !== undefined) return true;
    if (trees.length >= catchUp && (best?.look.loss ?? Infinity) >= toBeat) return false;
    return trees.length - (best?.trees.length ?? 0) < patience;
  });
  if (extent !== undefined && last !== undefined)
    best = { look: lookAt(last.logits.slice(), validation.labels), trees: [...last.trees] };
  if (best === undefined || (extent === undefined && best.look.loss >= toBeat)) return undefined;
  const { look, trees } = best;
  const spec = composeModel(modelInputs(data), {
    wideL2: linear.l2,
    embedding: { units: 1, l2: 0, dropout: 0 },
    streams: [{ stream: 'boosted-trees', trees: trees.length, depth: settings.depth }],
    ...(images && { image: images.tower }),
  });
  const weights: Weights = new Map([
    ...base.weights,
    ...(idNumbers.length === 0 ? [] : [['trees.ids.table', idNumbers] as const]),
    ...weightsOf(trees, train.edges),
  ]);
  const name = `${base.name} and ${trees.length} trees`;
  const own = { fit: base.fit, steps: trees.length };
  return { name, spec, best: { ...look, weights }, extent: own, epochs: 0, bestEpoch: 0, curve: [] };
}

/** Sums of its multiples are exact in float32, in whatever order a server adds: no row is on another side there. */
const weightStep = 2 ** -12;

/** Each id's weight in the logistic regression, rounded; 0 for stretches of numbers that are there themselves. */
function idNumbersOf({ graph, train }: FitData, weights: Weights): Float32Array {
  const given = train.fields === 0 ? [] : (weights.get('wide.table') ?? []);
  const numbers = Float32Array.from(given, (weight) => Math.round(weight / weightStep) * weightStep);
  const twice = new Set(graph.dense.map(({ column }) => column));
  for (const { kind, column, offset, size } of graph.fields)
    if (operationOf(kind).ofNumber === true && twice.has(column)) numbers.fill(0, offset, offset + size);
  return numbers;
}

/**
 * A server computes an image's numbers, whose deviation is 1, by other operations, and so to other last bits: some 1e-5 of them. All rows that show an image lie at one value: an edge there
 * would have them all on the other side.
 */
const imagesApart = 1e-3;

/** In the order of the stream `boosted-trees`. */
function readerOf({ train, images }: FitData, inputs: ModelInputs, idNumbers: Float32Array): TreeReader {
  const { fields, denseWidth } = train;
  const units = images?.tower.units ?? 0;
  const slots = inputs.slots ?? Array<number>(fields).fill(1);
  return {
    width: denseWidth + units + slots.length,
    apartOf: (number) => (number >= denseWidth && number < denseWidth + units ? imagesApart : 0),
    read: ({ ids, dense, images: shown }, row, out) => {
      for (let at = 0; at < denseWidth; at += 1) out[at] = dense[row * denseWidth + at]!;
      const image = shown?.[row] ?? -1;
      for (let at = 0; at < units; at += 1) out[denseWidth + at] = image < 0 ? 0 : images!.vectors[image * units + at]!;
      let id = row * fields;
      for (const [at, count] of slots.entries()) {
        let sum = 0;
        for (const end = id + count; id < end; id += 1) sum += idNumbers[ids[id]!]!;
        out[denseWidth + units + at] = sum;
      }
    },
  };
}

function weightsOf(trees: readonly GrownTree[], edges: readonly Float32Array[]): readonly [string, Float32Array][] {
  const flat = (of: (tree: GrownTree) => ArrayLike<number>): Float32Array =>
    Float32Array.from(trees.flatMap((tree) => Array.from(of(tree))));
  return [
    ['trees.numbers', flat(({ numbers }) => numbers.map((number) => Math.max(0, number)))],
    [
      'trees.thresholds',
      flat(({ numbers, bins }) => Array.from(numbers, (number, node) => edges[number]?.[bins[node]!] ?? Infinity)),
    ],
    ['trees.leaves', flat(({ leaves }) => leaves)],
  ];
}
