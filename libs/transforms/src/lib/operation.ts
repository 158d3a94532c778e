import type { Column, TimeFormat } from '@adstocrat/examples';
import type { z } from 'zod';
import type { Aggregate } from './aggregates/aggregate.ts';
import type { Folds } from './folds.ts';
import type { Steps } from './steps.ts';
import type { FittedFeature } from './transform-graph.ts';

/** The columns that an operation takes, in its order; undefined where a batch lacks one: missing in every row. */
export type Columns = readonly (Column | undefined)[];

/** Named requests over the training rows, all answered in one pass. */
export type Needs = Readonly<Record<string, Aggregate<unknown>>>;
export type Answers<N extends Needs> = { readonly [K in keyof N]: N[K] extends Aggregate<infer T> ? T : never };

/** What a task says of the column that a feature is declared on, and of its event time. */
export interface Roles {
  readonly column: string;
  readonly eventTime?: string;
  readonly timeFormat?: TimeFormat;
}

/** What fitting gives: a feature without the names of its operation and columns. */
export type Fitted<State> = Pick<FittedFeature<State>, 'slots' | 'size' | 'unknown' | 'dims' | 'times' | 'state'>;

/** Writes one row's ids, each in [0, size), or numbers, at `at` and after. */
export interface RowWriter {
  readonly ids?: (columns: Columns, row: number, out: Int32Array, at: number) => void;
  readonly numbers?: (columns: Columns, row: number, out: Float32Array, at: number) => void;
}

/**
 * A feature transform: one module, one line in `operations/index.ts`, one row in its test table. It knows no column by name, reads cells by
 * `read-values.ts` alone, and uses nothing that engines round differently (`exact/`).
 */
export interface Operation<P = unknown, N extends Needs = Needs, State = unknown> {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** What may be said of it in `task.yaml` beside `op`; a zod schema, so a JSON schema too. */
  readonly parameters: z.ZodType<P>;
  /** Columns besides its own. */
  readonly takes?: (parameters: P) => readonly string[];
  readonly needs: (parameters: P) => N;
  /** Undefined where the training rows give nothing to fit. Throws `RangeError` where the parameters must say more. */
  readonly fit: (answers: Answers<N>, parameters: P) => Fitted<State> | undefined;
  /** In steps where a state may be large. */
  readonly compile: (state: State) => RowWriter | Steps<RowWriter>;
  /** Parameters with what the task's roles say of those left out. Throws `RangeError` where they say nothing and it must be known. */
  readonly complete?: (parameters: P, roles: Roles) => P;
  /** Whether its ids are stretches of the column's number: they say no more than the number does. */
  readonly ofNumber?: true;
  /** Its column's cells are names, of which none may be lost: a code (`007`) or a word among numbers makes text of the column. */
  readonly ofNames?: true;
  /** Its column's cells hold several values, or are arrays: what is between them is its parameter `separator`, which its state keeps. */
  readonly ofLists?: true;
  /**
   * What the ids from 1 on stand for, those that values share by hash left out: a later graph's id of the same name is the same. Absent
   * where ids stand for places, which are the same where there are as many.
   */
  readonly names?: (state: State) => readonly string[];
  /**
   * For what looks at labels or counts rows: writes a training row's values from other rows than itself. Its columns are followed by
   * `foldColumns`.
   */
  readonly compileTraining?: (answers: Answers<N>, parameters: P, folds: Folds) => RowWriter;
}

/** An operation of any kind, as the index lists them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters, needs and state belong together within one operation only
export type AnyOperation = Operation<any, any, any>;

/** Lets TypeScript see what an operation's parts have in common. */
export function defineOperation<P, N extends Needs, State>(operation: Operation<P, N, State>): AnyOperation {
  return operation;
}
