import type { LayerKind } from './layer-kind.ts';

/**
 * All pairwise products of the fields' vectors, summed over pairs: ½ ((Σ v)² − Σ v²), one number each of the vectors'.
 * Source: S. Rendle, "Factorization Machines", 2010, lemma 3.1; X. He and T.-S. Chua, "Neural FM", 2017, for the unsummed form.
 */
export interface FactorizationLayer {
  readonly op: 'factorization';
  readonly name: string;
  /** Vectors side by side, all `units` wide. */
  readonly of: string;
  readonly units: number;
}

export const factorization: LayerKind<FactorizationLayer> = {
  width: ({ units }) => units,
  parameters: () => [],
  apply: ({ of, units }, { widthOf }, operators, valueOf) => {
    const x = valueOf(of);
    const groups = widthOf(of) / units;
    const sum = operators.sumGroups(x, groups, units);
    const squares = operators.sumGroups(operators.multiply(x, x), groups, units);
    const difference = operators.add(operators.multiply(sum, sum), operators.scale(squares, -1));
    return operators.scale(difference, 0.5);
  },
};
