/** One parameter array of a model, row-major. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** How it begins: Glorot-uniform over fan in and out, zeros, ones, uniform within ±0.05, or the base rate's log-odds. */
  readonly initial: 'glorot' | 'zeros' | 'ones' | 'small' | 'log-odds';
  readonly fanIn: number;
  readonly fanOut: number;
  /** Of a table with one row an id: strength of the prior that draws each row to 0, in examples. */
  readonly table?: { readonly l2: number };
  /** Training leaves it as it is. */
  readonly fixed?: boolean;
  /** Moved by what batches show, and by no gradient. */
  readonly isStatistic?: boolean;
}

/** Parameters by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** The two arrays of a dense layer: `<name>.kernel` [fanIn, units] and `<name>.bias` [units]. */
export function denseParameters(
  name: string,
  fanIn: number,
  units: number,
  initial: Parameter['initial'] = 'glorot',
): readonly Parameter[] {
  return [
    { name: `${name}.kernel`, shape: [fanIn, units], initial, fanIn, fanOut: units },
    { name: `${name}.bias`, shape: [units], initial: 'zeros', fanIn, fanOut: units },
  ];
}
