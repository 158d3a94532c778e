import type { DataSchema } from '@adstocrat/data-validation';
import { type ExampleEngine, fieldsOf, noHeaderLine, type ScanResult } from '@adstocrat/example-engine';
import type { ServableManifest } from '@adstocrat/servables';
import type { TransformGraph } from '@adstocrat/transforms';
import type { Progress } from '../progress.ts';
import type { SystemInUse, SystemChoice } from './system-for.ts';

export interface PredictOptions extends SystemChoice {
  readonly model: string;
  readonly in: string;
  readonly out: string;
  readonly allowMissing?: boolean;
  /** Names of the columns of a CSV without a header line: a record of CSV. */
  readonly columns?: string;
  /** As a batch, whatever the size. */
  readonly batch?: boolean;
}

/** What a command works with that scores a file. */
export interface Predicting {
  readonly system: SystemInUse;
  readonly engine: ExampleEngine;
  readonly options: PredictOptions;
  readonly schema: DataSchema;
  readonly manifest: ServableManifest;
  readonly transform: TransformGraph;
  readonly progress: Progress;
  readonly workDir: string;
}

/** The names that the command was told; undefined where the file has a header line. */
export function columnsOf({ columns }: PredictOptions): readonly string[] | undefined {
  return columns === undefined ? undefined : fieldsOf(columns, ',').map((name) => name.trim());
}

/** A sentence about a file whose columns have no names. */
export function unnamed(options: PredictOptions, fields: number): string {
  return noHeaderLine(`${options.in}:1`, fields, 'by --columns a,b,…');
}

/** A sentence where the first line looks like a row. */
export function unnamedIn(options: PredictOptions, { files }: ScanResult): string {
  const fields = files[0]?.rowAsHeader;
  return fields === undefined ? '' : `${unnamed(options, fields)}. `;
}
