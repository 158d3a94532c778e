import type { OnnxAttribute } from '@adstocrat/onnx';
import type { CompleteTrees } from '../sum-of-trees.ts';

/** The attributes of ONNX' TreeEnsembleRegressor, version 3 of its operators: nodes that do not split are left out. */
export function treeAttributes({
  numbers,
  thresholds,
  leaves,
  count,
  depth,
}: CompleteTrees): Readonly<Record<string, OnnxAttribute>> {
  const inner = 2 ** depth - 1;
  const nodes: { tree: number; id: number; number: number; threshold: number; below: number; above: number }[] = [];
  const ends: { tree: number; id: number; value: number }[] = [];
  for (let tree = 0; tree < count; tree += 1) {
    let next = 0;
    const add = (place: number): number => {
      let at = place;
      while (at < inner && thresholds[tree * inner + at] === Infinity) at = 2 * at + 1;
      const id = next;
      next += 1;
      const node = { tree, id, number: 0, threshold: 0, below: -1, above: -1 };
      nodes.push(node);
      if (at >= inner) {
        ends.push({ tree, id, value: leaves[tree * (inner + 1) + at - inner]! });
      } else {
        node.number = numbers[tree * inner + at]!;
        node.threshold = thresholds[tree * inner + at]!;
        node.below = add(2 * at + 1);
        node.above = add(2 * at + 2);
      }
      return id;
    };
    add(0);
  }
  return {
    aggregate_function: 'SUM',
    post_transform: 'NONE',
    n_targets: 1,
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: nodes.map(({ number }) => number),
    nodes_values: Float32Array.from(nodes, ({ threshold }) => threshold),
    nodes_modes: nodes.map(({ below }) => (below < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    nodes_truenodeids: nodes.map(({ below }) => Math.max(0, below)),
    nodes_falsenodeids: nodes.map(({ above }) => Math.max(0, above)),
    target_treeids: ends.map(({ tree }) => tree),
    target_nodeids: ends.map(({ id }) => id),
    target_ids: ends.map(() => 0),
    target_weights: Float32Array.from(ends, ({ value }) => value),
  };
}
